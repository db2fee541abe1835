// Signs a launch of LTI 1.1 with an implementation of OAuth 1.0a that somebody else wrote (npm oauth-1.0a), and prints its form.
//
//   node sign11.mjs '{"url":"http://.../lti","key":"...","secret":"...","params":{...}}'
import { createHmac } from "node:crypto";
import OAuth from "oauth-1.0a";

const { url, key, secret, params } = JSON.parse(process.argv[2]);
const oauth = new OAuth({
  consumer: { key, secret },
  signature_method: "HMAC-SHA1",
  hash_function: (base, sign) => createHmac("sha1", sign).update(base).digest("base64"),
});
console.log(JSON.stringify(oauth.authorize({ url, method: "POST", data: { lti_message_type: "basic-lti-launch-request", lti_version: "LTI-1p0", resource_link_id: "link-1", oauth_callback: "about:blank", ...params } })));
