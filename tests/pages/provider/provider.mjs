// An issuer with JWT access tokens that carry the claims of the service. Its login form accepts any name as the subject.
// Arguments: the audience of the tokens.

import { Provider } from "oidc-provider";
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";

const audience = process.argv[2];
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const server = createServer().listen(0, "127.0.0.1", () => {
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [{
      client_id: "interview-page", application_type: "native", token_endpoint_auth_method: "none",
      redirect_uris: ["http://127.0.0.1/"], grant_types: ["authorization_code"], response_types: ["code"],
    }],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "one" }] },
    clientBasedCORS: () => true,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    extraTokenClaims: () => ({
      name: "Olga Outside", organizationId: "0f000000-0000-4000-8000-000000000001", roles: ["employee"],
      permissions: ["interviews:create", "interviews:read"],
    }),
    features: {
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience, scope: "openid profile email", accessTokenFormat: "jwt", accessTokenTTL: 600, jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  server.on("request", provider.callback());
  console.log(provider.issuer);
});
