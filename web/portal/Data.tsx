import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { Button, Chip, Note } from "../ui/basics";
import { both, day } from "../ui/language";
import { useActing, useOwnData, useOwnSession } from "./own";
import { wordsOf } from "./problem";

const classes = ["identity", "contact", "transaction", "interaction", "preference", "credit", "social"];

// What was not looked at for long: one touch says that it is right.
function Verify({ field }: { field: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const verify = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/portal/verification", { body: { fields: [field] } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["own"] }),
  });
  return (
    <div className="row between to-verify">
      <span className="small">{t("data.stillRight")}</span>
      <Button small busy={verify.isPending} onClick={() => verify.mutate()}>{t("data.yesRight")}</Button>
      {verify.isError && <Note tone="bad">{wordsOf(t, verify.error)}</Note>}
    </div>
  );
}

export function Data() {
  const { t } = useTranslation();
  const data = useOwnData();
  const session = useOwnSession();
  const acting = useActing() !== "";
  if (data.isPending) return <div className="skeleton" />;
  if (data.isError) return <Note tone="bad">{wordsOf(t, data.error)}</Note>;
  const { fields } = data.data;
  const hidden = session.data?.fresh === false && fields.some((field) => field.level === "L4");
  return (
    <>
      <h1>{t("place.data")}</h1>
      <p className="lead">{t(acting ? "data.leadWard" : "data.lead", { day: day(data.data.since) })}</p>
      {hidden && <Note>{t("data.stale")}</Note>}
      {fields.length === 0 && <Note>{t("data.none")}</Note>}
      {classes.map((name) => {
        const own = fields.filter((field) => field.class === name);
        if (own.length === 0) return null;
        return (
          <section key={name} className="held">
            <h2>{t(`class.${name}`)}</h2>
            <ul>
              {own.map((field) => (
                <li key={field.field}>
                  <h3>
                    {both(field.name)}
                    {field.level === "L4" && <Chip tone="L4">{t("data.sensitive")}</Chip>}
                  </h3>
                  {field.values.some((value) => value.stale) && <Verify field={field.field} />}
                  {field.values.map((value, index) => (
                    <div key={index} className="held-value">
                      <p className={value.masked ? "masked break" : "break"}>{value.value}</p>
                      <p className="small soft">
                        {t("data.from", { source: t(`source.${value.source}`, { defaultValue: value.source }), day: day(value.collected_at) })}
                        {value.basis !== "" && ` · ${t(`ground.${value.basis}`)}`}
                      </p>
                    </div>
                  ))}
                  <p className="small soft">
                    {field.purposes.length === 0 ? t("data.unused") : t("data.used", { purposes: field.purposes.map((purpose) => both(purpose.name)).join(t("comma")) })}
                  </p>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <p className="small soft">{t("data.wrong")}</p>
    </>
  );
}
