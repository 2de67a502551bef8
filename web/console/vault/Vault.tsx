// How the encryption keys stand, for their custodian. Rotating and drilling are done on the machine
// that holds the root key, so the commands are told here and not offered as buttons.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { Chip, Loading, Note, Page, Panel } from "../../ui/basics";
import { day, number, time } from "../../ui/language";
import { useProblem } from "../toasts";

const kOldMs = 365 * 86_400_000;

export function Vault() {
  const { t } = useTranslation();
  const explain = useProblem();
  const vault = useQuery({ queryKey: ["vault"], queryFn: () => ask(api.GET("/api/v1/vault")) });
  const epochs = vault.data?.epochs ?? [];
  const current = epochs.at(-1);
  const old = current !== undefined && Date.now() - new Date(current.created_at).getTime() > kOldMs;
  return (
    <Page title={t("vault.title")} lead={t("vault.lead")}>
      {vault.isError && <Note tone="bad">{explain(vault.error)}</Note>}
      {vault.data?.rewrap_unfinished === true && <Note tone="warn">{t("vault.unfinished")}</Note>}
      {old && <Note tone="warn">{t("vault.old")}</Note>}
      <Panel flush title={t("vault.epochs")}>
        {vault.isPending ? <div className="body"><Loading lines={2} /></div> : [...epochs].reverse().map((one) => (
          <div key={one.epoch} className="line">
            <span className="small soft">{day(one.created_at)}</span>
            <span className="row"><span className="strong">{t("vault.epoch", { number: one.epoch })}</span>{one === current ? <Chip tone="good">{t("vault.current")}</Chip> : <Chip>{t("vault.kept")}</Chip>}</span>
          </div>
        ))}
      </Panel>
      <Panel title={t("vault.backup")}>
        {vault.data !== undefined && (vault.data.backup === null ? <p className="soft">{t("vault.noBackup")}</p> : (
          <div className="row between"><span>{time(vault.data.backup.up_to)}</span><span className="soft">{t("vault.bytes", { bytes: number(vault.data.backup.bytes) })}</span></div>
        ))}
      </Panel>
      <Panel title={t("vault.commands")}>
        <div className="stack">
          {(["rotate", "backup", "drill", "destroy"] as const).map((one) => <div key={one} className="stack tight"><span className="soft">{t(`vault.command.${one}`)}</span><code className="break">{`fiducia --home HOME ${{ rotate: "keys rotate", backup: "backup --to DIR --every 1h", drill: "drill --from DIR --root-key COPY", destroy: "keys destroy-old --drill REPORT" }[one]}`}</code></div>)}
        </div>
      </Panel>
    </Page>
  );
}
