// The one place that talks to the server. Every call that touches customers names its purpose.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

let csrf = "";
let purpose = "";
let caseId = "";
let ward = "";

// The minor whom a guardian in the portal speaks for; "" for oneself.
export function keepWard(id: string): void {
  ward = id;
}

export function keepCsrf(token: string): void {
  csrf = token;
}

export function keepPurpose(id: string, forCase: string): void {
  purpose = id;
  caseId = forCase;
}

// The headers of a request about customers.
export function purposed(): { "Fiducia-Purpose": string; "Fiducia-Case"?: string } {
  return caseId === "" ? { "Fiducia-Purpose": purpose } : { "Fiducia-Purpose": purpose, "Fiducia-Case": caseId };
}

// A problem document (RFC 9457): `code` is stable.
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    detail: string,
    readonly position?: number,
  ) {
    super(detail);
  }
}

const addToken: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrf !== "") request.headers.set("X-CSRF-Token", csrf);
    if (ward !== "" && new URL(request.url).pathname.startsWith("/api/v1/portal/")) request.headers.set("Fiducia-Ward", ward);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: "" });
api.use(addToken);

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function problemOf(error: unknown, response: Response): ApiProblem {
  const problem = (error ?? {}) as Partial<Schemas["Problem"]>;
  return new ApiProblem(problem.code ?? "unavailable", response.status, problem.detail ?? "", problem.position);
}

// The answer, or a thrown ApiProblem.
export async function ask<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  let result: Outcome<T>;
  try {
    result = await outcome;
  } catch {
    throw new ApiProblem("offline", 0, "");
  }
  if (!result.response.ok) throw problemOf(result.error, result.response);
  return result.data as T;
}

// Files go as multipart forms, which the typed client does not make.
export async function upload<T>(path: string, form: FormData): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    body: form,
    headers: { "X-CSRF-Token": csrf, "Fiducia-Purpose": purpose },
  }).catch(() => {
    throw new ApiProblem("offline", 0, "");
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(body, response);
  return body as T;
}

// A file of the portal, kept by the browser under this name.
export async function download(path: string, name: string): Promise<void> {
  const response = await fetch(path, ward === "" ? {} : { headers: { "Fiducia-Ward": ward } }).catch(() => {
    throw new ApiProblem("offline", 0, "");
  });
  if (!response.ok) throw problemOf(await response.json().catch(() => undefined), response);
  keepFile(await response.blob(), name);
}

export function keepFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(url);
}

export async function readText(path: string): Promise<string> {
  const response = await fetch(path);
  if (!response.ok) throw new ApiProblem("unavailable", response.status, "");
  return response.text();
}
