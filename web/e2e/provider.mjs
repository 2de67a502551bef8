// A certified OpenID provider on loopback, with a certificate of an authority of its own.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import Provider from "oidc-provider";

// Starts it for a server at `base`; files go into `folder`. Gives issuer, client, files and stop().
export async function startProvider(base, folder) {
  const files = { key: join(folder, "idp.key"), ca: join(folder, "idp.pem"), secret: join(folder, "idp.secret") };
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", files.key, "-out", files.ca], { stdio: "ignore" });
  writeFileSync(files.secret, "the secret of the client\n");
  let answer = (_, response) => response.end();
  const server = createServer({ key: readFileSync(files.key), cert: readFileSync(files.ca) }, (request, response) => answer(request, response));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `https://localhost:${server.address().port}`;
  const client = "fiducia-console";
  const provider = new Provider(issuer, {
    clients: [{ client_id: client, client_secret: "the secret of the client", redirect_uris: [`${base}/console/sso`], grant_types: ["authorization_code"], response_types: ["code"] }],
    pkce: { required: () => true },
    cookies: { keys: ["of this test"] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  answer = provider.callback();
  return { issuer, client, files, stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

// Somebody signs in at the provider, and agrees.
export async function signInThere(page, login) {
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.locator("button[type=submit]").click();
}
