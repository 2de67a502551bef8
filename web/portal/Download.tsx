// A file about the person: fetched with what the session says of whom it is about, then kept.
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { download } from "../api/client";
import { Button } from "../ui/basics";
import { wordsOf } from "./problem";

export function Download({ path, name, children }: { path: string; name: string; children: ReactNode }) {
  const { t } = useTranslation();
  const fetching = useMutation({ mutationFn: () => download(path, name) });
  return (
    <>
      <Button small busy={fetching.isPending} onClick={() => fetching.mutate()}>{children}</Button>
      {fetching.isError && <span role="alert" className="small bad-text">{wordsOf(t, fetching.error)}</span>}
    </>
  );
}
