// What several forms let people choose from the declared policy.
import { useTranslation } from "react-i18next";
import { Check } from "../ui/basics";
import { both } from "../ui/language";
import { useWork } from "./session";

// Of a role's purposes; none chosen: all of them.
export function PurposePicker({ role, chosen, onChange }: { role: string; chosen: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const known = catalog.roles.find((r) => r.id === role);
  if ((known?.purposes.length ?? 0) === 0) return null;
  return (
    <fieldset className="stack tight plain">
      <legend className="small strong">{t("grants.purposes")}</legend>
      {known!.purposes.map((id) => (
        <Check key={id} label={both(catalog.purposes.find((p) => p.id === id)?.name)} checked={chosen.includes(id)} onChange={(e) => onChange(e.target.checked ? [...chosen, id] : chosen.filter((x) => x !== id))} />
      ))}
    </fieldset>
  );
}
