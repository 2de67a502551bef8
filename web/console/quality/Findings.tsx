// The inbox of what free texts hold that their field is not meant for: by source, field and kind,
// without any value.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Empty, Loading, Note, Panel } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";

type Finding = Schemas["Finding"];
type State = Finding["state"];

function Row({ one }: { one: Finding }) {
  const { t } = useTranslation();
  const { field, can } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (state: State) => ask(api.POST("/api/v1/findings/{id}", { params: { path: { id: one.id }, header: purposed() }, body: { state } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["findings"] }),
  });
  const choices: State[] = one.state === "new" ? ["expected", "mended"] : ["new"];
  return (
    <li className="finding">
      <div className="row between">
        <h3 className="row"><Chip tone={one.level}>{one.level}</Chip> {t(`found.${one.kind}`)}</h3>
        <Chip tone={one.state === "new" ? "warn" : one.state === "mended" ? "good" : ""}>{t(`findings.state.${one.state}`)}</Chip>
      </div>
      <p>{t("findings.where", { field: both(field(one.field)?.name) || one.field, source: one.source })}</p>
      <div className="row between">
        <p className="small soft">{one.values === null ? t("findings.countFew", { first: day(one.first_at), last: day(one.last_at) }) : one.values > 1 && day(one.first_at) === day(one.last_at) ? t("findings.countDay", { number: number(one.values), day: day(one.last_at) }) : t("findings.count", { count: one.values, number: number(one.values), first: day(one.first_at), last: day(one.last_at) })}</p>
        {can("quality.decide") && <div className="row">{choices.map((state) => <Button key={state} small busy={decide.isPending && decide.variables === state} onClick={() => decide.mutate(state)}>{t(`findings.decide.${state}`)}</Button>)}</div>}
      </div>
      {decide.isError && <Note tone="bad">{explain(decide.error)}</Note>}
    </li>
  );
}

export function Findings() {
  const { t } = useTranslation();
  const explain = useProblem();
  const findings = useQuery({ queryKey: ["findings"], queryFn: () => ask(api.GET("/api/v1/findings")) });
  if (findings.isPending) return <Panel><Loading /></Panel>;
  if (findings.isError) return <Panel><Note tone="bad">{explain(findings.error)}</Note></Panel>;
  const all = findings.data.findings;
  return (
    <Panel>
      <p className="soft">{t("findings.lead")}</p>
      {all.length === 0 ? <Empty title={t("findings.none")}><p>{t("findings.noneText")}</p></Empty> : <ul className="stack findings">{all.map((one) => <Row key={one.id} one={one} />)}</ul>}
    </Panel>
  );
}
