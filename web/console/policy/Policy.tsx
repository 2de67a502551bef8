// "As this role, for this purpose: what would be seen, and why?" Of anybody, and nothing is read; or
// of one customer as they stand, which is on record.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Check, Chip, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both } from "../../ui/language";
import { LevelChip } from "../customers/cells";
import { useWork } from "../session";
import { useProblem } from "../toasts";

type Question = Schemas["Question"];

export function Policy() {
  const { t } = useTranslation();
  const { catalog, field } = useWork();
  const explain = useProblem();
  const [question, setQuestion] = useState<Question>({ role: "agent", purpose: "service", operation: "read", basis: "contract", separate: false, restricted: false, trained: true });
  const [customer] = useState(() => new URLSearchParams(window.location.search).get("customer") ?? "");
  const { role, purpose, operation, trained } = question;
  const answer = useQuery({
    queryKey: ["policy", customer, question],
    retry: false,
    queryFn: () => customer === ""
      ? ask(api.POST("/api/v1/policy/explain", { body: question }))
      : ask(api.POST("/api/v1/customers/{id}/explain", { params: { path: { id: customer }, header: purposed() }, body: { role, purpose, operation, trained } })),
  });
  const set = (part: Partial<Question>) => setQuestion((now) => ({ ...now, ...part }));
  const counts = { clear: 0, masked: 0, refused: 0 };
  for (const one of answer.data?.fields ?? []) counts[one.access] += 1;
  return (
    <Page title={t("policy.title")} lead={t(customer === "" ? "policy.lead" : "policy.leadCustomer")} actions={customer !== "" && <Link href={`/customers/${customer}`}>{t("policy.toCustomer")}</Link>}>
      <Panel>
        <div className="grid">
          <Select label={t("policy.role")} value={question.role} onChange={(e) => set({ role: e.target.value })}>{catalog.roles.map((r) => <option key={r.id} value={r.id}>{both(r.name)}</option>)}</Select>
          <Select label={t("why.purpose")} value={question.purpose} onChange={(e) => set({ purpose: e.target.value })}>{catalog.purposes.map((p) => <option key={p.id} value={p.id}>{both(p.name)}</option>)}</Select>
          <Select label={t("policy.operation")} value={question.operation} onChange={(e) => set({ operation: e.target.value as NonNullable<Question["operation"]> })}>
            {(["read", "reveal", "write", "search", "export"] as const).map((op) => <option key={op} value={op}>{t(`operation.${op}`)}</option>)}
          </Select>
          {customer === "" && <Select label={t("policy.basis")} value={question.basis ?? ""} onChange={(e) => set({ basis: e.target.value === "" ? undefined : (e.target.value as NonNullable<Question["basis"]>) })}>
            <option value="">{t("policy.noBasis")}</option>
            {(["consent", "contract", "legal_obligation", "legitimate_interest", "vital_interest", "public_interest", "public_source"] as const).map((b) => <option key={b} value={b}>{t(`basis.${b}`)}</option>)}
          </Select>}
        </div>
        <div className="row" style={{ marginTop: 16 }}>
          {customer === "" && <Check label={t("policy.separate")} checked={question.separate ?? false} onChange={(e) => set({ separate: e.target.checked })} />}
          {customer === "" && <Check label={t("policy.restricted")} checked={question.restricted ?? false} onChange={(e) => set({ restricted: e.target.checked })} />}
          <Check label={t("policy.untrained")} checked={!(question.trained ?? true)} onChange={(e) => set({ trained: !e.target.checked })} />
        </div>
      </Panel>
      {answer.isError && <Note tone="bad">{explain(answer.error)}</Note>}
      <Panel flush title={<span className="row">{t("policy.answer")}<Chip tone="good">{t("access.clear")} {counts.clear}</Chip><Chip tone="warn">{t("access.masked")} {counts.masked}</Chip><Chip>{t("access.refused")} {counts.refused}</Chip></span>}>
        {answer.isPending ? <div className="body"><Loading lines={8} /></div> : (
          <div className="table-wrap" tabIndex={0}>
            <table className="table">
              <thead><tr><th>{t("policy.field")}</th><th>{t("policy.class")}</th><th>{t("why.level")}</th><th>{t("policy.seen")}</th><th>{t("policy.why")}</th></tr></thead>
              <tbody>
                {(answer.data?.fields ?? []).map((one) => {
                  const f = field(one.field);
                  return (
                    <tr key={one.field}>
                      <td>{both(f?.name)}</td><td>{t(`class.${f?.class ?? "identity"}`)}</td><td><LevelChip level={f?.level ?? "L4"} /></td>
                      <td><Chip tone={one.access === "clear" ? "good" : one.access === "masked" ? "warn" : ""}>{t(`access.${one.access}`)}</Chip></td>
                      <td className="soft">{t(`reason.${one.reason}`)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </Page>
  );
}
