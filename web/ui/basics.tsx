// Small parts every screen is made of. They know nothing of customers or of the server.
import { type ButtonHTMLAttributes, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useEffect, useId, useRef, useState } from "react";
import { number } from "./language";

type Kind = "plain" | "primary" | "danger" | "quiet";

export function Button({ kind = "plain", small = false, busy = false, className = "", children, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; small?: boolean; busy?: boolean }) {
  return (
    <button type="button" className={`button ${kind === "plain" ? "" : kind} ${small ? "small" : ""} ${className}`} aria-busy={busy} disabled={busy || rest.disabled} {...rest}>
      {busy && <span className="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

interface Labeled {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

function Wrapped({ id, label, hint, error, children }: Labeled & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && <span className="hint" id={`${id}-hint`}>{hint}</span>}
      {error !== undefined && <span className="error" role="alert" id={`${id}-error`}>{error}</span>}
    </div>
  );
}

function described(id: string, { hint, error }: Omit<Labeled, "label">): string | undefined {
  const parts = [hint !== undefined ? `${id}-hint` : "", error !== undefined ? `${id}-error` : ""].filter((p) => p !== "");
  return parts.length > 0 ? parts.join(" ") : undefined;
}

export function Input({ label, hint, error, ...rest }: InputHTMLAttributes<HTMLInputElement> & Labeled) {
  const id = useId();
  return (
    <Wrapped id={id} label={label} hint={hint} error={error}>
      <input id={id} className="input" aria-invalid={error !== undefined} aria-describedby={described(id, { hint, error })} {...rest} />
    </Wrapped>
  );
}

export function Select({ label, hint, error, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement> & Labeled) {
  const id = useId();
  return (
    <Wrapped id={id} label={label} hint={hint} error={error}>
      <select id={id} className="select" aria-describedby={described(id, { hint, error })} {...rest}>{children}</select>
    </Wrapped>
  );
}

export function Textarea({ label, hint, error, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement> & Labeled) {
  const id = useId();
  return (
    <Wrapped id={id} label={label} hint={hint} error={error}>
      <textarea id={id} className="textarea" aria-describedby={described(id, { hint, error })} {...rest} />
    </Wrapped>
  );
}

// Why somebody does what is put on record with its reason. Two Han characters make a word; what is
// too little the server says.
export function Reason({ onReason, maxLength = 500, ...rest }: Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange"> & Labeled & { onReason: (reason: string) => void }) {
  return <Textarea required minLength={2} maxLength={maxLength} onChange={(event) => onReason(event.target.value)} {...rest} />;
}

export function Check({ label, ...rest }: InputHTMLAttributes<HTMLInputElement> & { label: ReactNode }) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}

export type Tone = "good" | "warn" | "bad" | "outline" | "L1" | "L2" | "L3" | "L4" | "";

export function Chip({ tone = "", title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return <span className={`chip ${tone}`} title={title}>{children}</span>;
}

export function Note({ tone = "", children }: { tone?: "good" | "warn" | "bad" | ""; children: ReactNode }) {
  return <div className={`note ${tone}`} role={tone === "bad" ? "alert" : undefined}><div className="grow">{children}</div></div>;
}

export function Panel({ title, actions, children, flush = false }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className="panel">
      {(title !== undefined || actions !== undefined) && (
        <header>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      {flush ? children : <div className="body">{children}</div>}
    </section>
  );
}

export function Page({ title, lead, actions, children }: { title: string; lead?: string; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Fiducia`;
  }, [title]);
  return (
    <main className="page" id="main">
      <header>
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      <div className="stack wide">{children}</div>
    </main>
  );
}

// Counts side by side, each with what it counts.
export function Figures({ figures }: { figures: (readonly [label: string, count: number])[] }) {
  return <div className="grid slim">{figures.map(([label, count]) => <div key={label} className="figure"><div className="number">{number(count)}</div><div className="soft small">{label}</div></div>)}</div>;
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <div className="stack" aria-busy="true">
      {Array.from({ length: lines }, (_, i) => <div key={i} className="skeleton" />)}
    </div>
  );
}

export function Tabs<T extends string>({ tabs, value, onChange, label }: { tabs: { id: T; name: string }[]; value: T; onChange: (id: T) => void; label: string }) {
  return (
    <div className="tabs" role="tablist" aria-label={label}>
      {tabs.map((tab) => (
        <button key={tab.id} type="button" role="tab" aria-selected={tab.id === value} onClick={() => onChange(tab.id)}>{tab.name}</button>
      ))}
    </div>
  );
}

// A modal dialog: the browser's own, which keeps the focus and closes on Escape.
export function Dialog({ open, onClose, label, className = "", children }: { open: boolean; onClose: () => void; label: string; className?: string; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog ref={ref} className={`dialog ${className}`} aria-label={label} onClose={onClose} onClick={(event) => event.target === ref.current && onClose()}>
      {open && children}
    </dialog>
  );
}

export function Popover({ label, button, framed = false, children }: { label: string; button: ReactNode; framed?: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !ref.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("mousedown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("mousedown", close);
      document.removeEventListener("keydown", close);
    };
  }, [open]);
  return (
    <span className="anchor" ref={ref}>
      <button type="button" className={`button small ${framed ? "" : "quiet"}`} aria-expanded={open} aria-label={label} onClick={() => setOpen(!open)}>{button}</button>
      {open && <div className="popover" role="dialog" aria-label={label}>{children}</div>}
    </span>
  );
}
