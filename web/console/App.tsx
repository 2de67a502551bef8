import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Route, Router, Switch } from "wouter";
import { Empty, Loading, Page } from "../ui/basics";
import { Shell } from "./layout/Shell";
import { useCatalog, useSession, WorkProvider } from "./session";
import { SignIn } from "./sign-in/SignIn";
import { useProblem } from "./toasts";

const SetUp = lazy(() => import("./sign-in/SetUp").then((m) => ({ default: m.SetUp })));
const SsoReturn = lazy(() => import("./sign-in/Sso").then((m) => ({ default: m.SsoReturn })));
const Agreement = lazy(() => import("./sign-in/Agreement").then((m) => ({ default: m.Agreement })));
const Enroll = lazy(() => import("./sign-in/Enroll").then((m) => ({ default: m.Enroll })));
const Home = lazy(() => import("./home/Home").then((m) => ({ default: m.Home })));
const Customers = lazy(() => import("./customers/Customers").then((m) => ({ default: m.Customers })));
const Customer = lazy(() => import("./customers/Customer").then((m) => ({ default: m.Customer })));
const Imports = lazy(() => import("./imports/Imports").then((m) => ({ default: m.Imports })));
const ImportWizard = lazy(() => import("./imports/ImportWizard").then((m) => ({ default: m.ImportWizard })));
const ImportPage = lazy(() => import("./imports/ImportPage").then((m) => ({ default: m.ImportPage })));
const Audit = lazy(() => import("./audit/Audit").then((m) => ({ default: m.Audit })));
const People = lazy(() => import("./people/People").then((m) => ({ default: m.People })));
const Requests = lazy(() => import("./requests/Requests").then((m) => ({ default: m.Requests })));
const Policy = lazy(() => import("./policy/Policy").then((m) => ({ default: m.Policy })));
const Profile = lazy(() => import("./profile/Profile").then((m) => ({ default: m.Profile })));
const Recertification = lazy(() => import("./recertification/Recertification").then((m) => ({ default: m.Recertification })));
const Vault = lazy(() => import("./vault/Vault").then((m) => ({ default: m.Vault })));
const Lawful = lazy(() => import("./lawful/Lawful").then((m) => ({ default: m.Lawful })));
const Recipients = lazy(() => import("./recipients/Recipients").then((m) => ({ default: m.Recipients })));
const RecipientPage = lazy(() => import("./recipients/Recipients").then((m) => ({ default: m.RecipientPage })));
const Accountability = lazy(() => import("./assure/Assure").then((m) => ({ default: m.Accountability })));
const AssessmentPage = lazy(() => import("./assure/Assure").then((m) => ({ default: m.AssessmentPage })));
const Rights = lazy(() => import("./rights/Rights").then((m) => ({ default: m.Rights })));
const RightsCase = lazy(() => import("./rights/Rights").then((m) => ({ default: m.RightsCase })));
const Matching = lazy(() => import("./matching/Matching").then((m) => ({ default: m.Matching })));
const Pair = lazy(() => import("./matching/Pair").then((m) => ({ default: m.Pair })));
const Forms = lazy(() => import("./forms/Forms").then((m) => ({ default: m.Forms })));
const Connectors = lazy(() => import("./connectors/Connectors").then((m) => ({ default: m.Connectors })));
const Sources = lazy(() => import("./sources/Sources").then((m) => ({ default: m.Sources })));
const Tickets = lazy(() => import("./desk/Tickets").then((m) => ({ default: m.Tickets })));
const Streams = lazy(() => import("./streams/Streams").then((m) => ({ default: m.Streams })));
const Statistics = lazy(() => import("./statistics/Statistics").then((m) => ({ default: m.Statistics })));
const Quality = lazy(() => import("./quality/Quality").then((m) => ({ default: m.Quality })));
const Keys = lazy(() => import("./keys/Keys").then((m) => ({ default: m.Keys })));

function Working() {
  const { t } = useTranslation();
  const session = useSession();
  const catalog = useCatalog();
  const explain = useProblem();
  if (session.data === undefined || catalog.isPending) return <div className="gate"><Loading lines={3} /></div>;
  if (catalog.data === undefined) return <div className="gate"><Empty title={t("problem.title")}><p>{explain(catalog.error)}</p></Empty></div>;
  return (
    <WorkProvider me={session.data} catalog={catalog.data}>
      <Shell>
        <Suspense fallback={<main className="page"><Loading /></main>}>
          <Switch>
            <Route path="/" component={Home} />
            <Route path="/customers" component={Customers} />
            <Route path="/customers/:id">{({ id }) => <Customer key={id} id={id} />}</Route>
            <Route path="/quality"><Quality /></Route>
            <Route path="/quality/:part">{({ part }) => <Quality part={part} />}</Route>
            <Route path="/desk" component={Tickets} />
            <Route path="/streams" component={Streams} />
            <Route path="/sources" component={Sources} />
            <Route path="/connectors" component={Connectors} />
            <Route path="/forms" component={Forms} />
            <Route path="/statistics" component={Statistics} />
            <Route path="/matching" component={Matching} />
            <Route path="/matching/:first/:second">{({ first, second }) => <Pair key={first + second} first={first} second={second} />}</Route>
            <Route path="/imports" component={Imports} />
            <Route path="/imports/new" component={ImportWizard} />
            <Route path="/imports/:id">{({ id }) => <ImportPage key={id} id={id} />}</Route>
            <Route path="/audit" component={Audit} />
            <Route path="/people" component={People} />
            <Route path="/requests" component={Requests} />
            <Route path="/policy" component={Policy} />
            <Route path="/profile" component={Profile} />
            <Route path="/keys" component={Keys} />
            <Route path="/rights" component={Rights} />
            <Route path="/rights/:id">{({ id }) => <RightsCase key={id} id={id} />}</Route>
            <Route path="/lawful" component={Lawful} />
            <Route path="/recipients" component={Recipients} />
            <Route path="/recipients/:id">{({ id }) => <RecipientPage key={id} id={id} />}</Route>
            <Route path="/accountability" component={Accountability} />
            <Route path="/accountability/:id">{({ id }) => <AssessmentPage key={id} id={id} />}</Route>
            <Route path="/vault" component={Vault} />
            <Route path="/recertification" component={Recertification} />
            <Route><Page title={t("notFound.title")}><Empty title={t("notFound.title")}><p>{t("notFound.text")}</p></Empty></Page></Route>
          </Switch>
        </Suspense>
      </Shell>
    </WorkProvider>
  );
}

function Gate() {
  const session = useSession();
  if (session.isPending) return <div className="gate"><div className="spinner" /></div>;
  const stage = session.isError ? "out" : session.data.stage;
  if (stage === "out" || stage === "second_factor") return <SignIn half={stage === "second_factor"} />;
  if (stage === "enroll") return <Suspense><Enroll /></Suspense>;
  if (stage === "agreement") return <Suspense><Agreement /></Suspense>;
  return <Working />;
}

export function App() {
  return (
    <Router base="/console">
      <Switch>
        <Route path="/setup"><Suspense><SetUp /></Suspense></Route>
        <Route path="/sso"><Suspense><SsoReturn /></Suspense></Route>
        <Route><Gate /></Route>
      </Switch>
    </Router>
  );
}
