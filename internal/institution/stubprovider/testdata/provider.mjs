// An OpenID Connect provider that somebody else wrote (npm oidc-provider), for tests: on a free port of the loopback, which
// it prints with its issuer as one line of JSON. Whoever comes is signed in as the account that POST /_set last named.
//
//   node provider.mjs '{"clients":[{"id":"cutroom","secret":"...","redirects":["http://127.0.0.1:1/cb"]}]}'
//   POST /_set {"account":{"sub":"u1","preferred_username":"amara","groups":["staff"]}, "rotate":true, "inToken":true, "deny":true}
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

process.stdin.resume().on("end", () => process.exit(0)); // ends with whoever started it
console.warn = console.info = () => {};

const config = JSON.parse(process.argv[2] ?? "{}");
const state = { account: { sub: "nobody" }, inToken: false, deny: false, generation: 0 };
let provider, answer, issuer;

function key() {
  const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  return { ...jwk, kid: `key-${++state.generation}`, use: "sig", alg: "RS256" };
}

function build() {
  provider = new Provider(issuer, {
    clients: (config.clients ?? []).map((c) => ({
      client_id: c.id, redirect_uris: c.redirects, grant_types: ["authorization_code"], response_types: ["code"],
      ...(c.secret ? { client_secret: c.secret, token_endpoint_auth_method: c.method ?? "client_secret_basic" } : { token_endpoint_auth_method: "none" }),
    })),
    jwks: { keys: [key()] },
    cookies: { keys: ["only for tests"] },
    scopes: ["openid", "profile", "email", "groups"],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email"], groups: ["groups", "realm_access"] },
    conformIdTokenClaims: !state.inToken,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, i) => `/_interaction/${i.uid}` },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...state.account, sub }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
  });
  answer = provider.callback();
}

function body(request) {
  return new Promise((resolve, reject) => {
    let text = "";
    request.on("data", (part) => (text += part)).on("end", () => resolve(JSON.parse(text || "{}"))).on("error", reject);
  });
}

const server = createServer(async (request, response) => {
  try {
    if (request.url === "/_set") {
      const set = await body(request);
      Object.assign(state, set);
      if (set.rotate || "inToken" in set) build();
      response.end("{}");
    } else if (request.url.startsWith("/_interaction/")) {
      const result = state.deny ? { error: "access_denied", error_description: "somebody said no" } : { login: { accountId: state.account.sub, remember: false } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    } else {
      await answer(request, response);
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error?.stack ?? error));
  }
});
server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  build();
  console.log(JSON.stringify({ issuer, pid: process.pid }));
});
