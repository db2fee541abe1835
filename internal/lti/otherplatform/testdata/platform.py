"""A learning platform that somebody else wrote (PyPI lti1p3platform), served on a free port of the loopback for tests.

    python3 platform.py http://tool-origin

prints one line of JSON with its address. GET /start?click={json} sends a browser to the tool's login; GET /auth answers it with
the form that the platform would post; /jwks, /token, /members/{course} and POST /choice are what tools ask for. It ends with
its standard input.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request

TOOL = sys.argv[1]
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
clicks = {}


class Conf(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, registration):
        self._registration = registration

    def get_registration_by_params(self, **_):
        return self._registration


class Asked(Request):
    def build_metadata(self, request):
        return request


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint):
        self._lti_message_hint = hint

    def get_redirect(self, url):
        return url


class Launch(LTIAdvantageMessageLaunchAbstract):
    def render_launch_form(self, launch_data, **_):
        return launch_data

    def prepare_launch(self, preflight_response):
        click = clicks[preflight_response["lti_message_hint"]]
        assert preflight_response["login_hint"] == click["user"], "login_hint"
        self.set_user_data(click["user"], click["roles"], full_name=click["name"])
        self.set_launch_context_claim(click["course"], ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"], click["title"])
        self.set_launch_presentation_claim("iframe", PLATFORM + "/course")
        self.set_nrps(PLATFORM + "/members/" + click["course"])
        if click.get("deep"):
            self.set_dl(PLATFORM + "/choice", extra_data="the platform's own", title="Choose")
        else:
            self.set_resource_link_claim("link-1", title="A lecture")
            self.set_launch_url(click["target"])
        if click.get("custom"):
            self.set_custom_parameters_claim(click["custom"])


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, value, status=200, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def asked(self, form):
        query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        return {"method": self.command, "get_data": query, "form_data": form, "headers": self.headers, "path": self.path}

    def do_GET(self):
        self.handled({})

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.handled({k: v[0] for k, v in parse_qs(text).items()})

    def handled(self, form):
        try:
            self.route(urlsplit(self.path).path, self.asked(form))
        except Exception as error:  # the test reads why
            self.answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def route(self, path, asked):
        if path == "/start":
            click = json.loads(asked["get_data"]["click"])
            hint = str(len(clicks) + 1)
            clicks[hint] = click
            login = Login(None, conf)
            login.set_lti_message_hint(hint)
            login.set_launch_url(TOOL + "/lti/deep-link" if click.get("deep") else click["target"])
            self.answer({}, 302, Location=login.initiate_login(click["user"]))
        elif path == "/auth":
            self.answer(Launch(Asked(asked), conf).lti_launch())
        elif path == "/jwks":
            self.answer(conf.get_jwks())
        elif path == "/token":
            self.answer(conf.get_access_token(asked["form_data"]))
        elif path.startswith("/members/"):
            self.members(path.removeprefix("/members/"), asked)
        elif path == "/choice":
            self.answer(conf.validate_deeplinking_resp(asked["form_data"]))
        else:
            self.answer({"error": "not found"}, 404)

    def members(self, course, asked):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not conf.validate_token(token, allowed_scopes=[NRPS]):
            raise PermissionError("the token has not the scope of members")
        people = [{"user_id": f"m{n}", "name": f"Member {n}", "status": "Active", "roles": ["Instructor" if n == 1 else "Learner"]} for n in range(1, 6)]
        start = int(asked["get_data"].get("from", "0"))
        more = {"Link": f'<{PLATFORM}/members/{course}?from={start + 3}>; rel="next"'} if start + 3 < len(people) else {}
        self.answer({"id": PLATFORM + self.path, "context": {"id": course}, "members": people[start : start + 3]}, 200,
                    Content_Type="application/vnd.ims.lti-nrps.v2.membershipcontainer+json", **more)


def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def end():
    sys.stdin.read()
    os._exit(0)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
PLATFORM = f"http://127.0.0.1:{server.server_port}"
private, public = pem()
conf = Conf(registration=Registration().set_iss(PLATFORM).set_client_id("the-client").set_deployment_id("deployment-7")
            .set_launch_url(TOOL + "/lti/launch").set_deeplink_launch_url(TOOL + "/lti/deep-link").set_oidc_login_url(TOOL + "/lti/login")
            .set_tool_key_set_url(TOOL + "/lti/jwks.json").set_platform_public_key(public).set_platform_private_key(private))
threading.Thread(target=end, daemon=True).start()
print(json.dumps({"url": PLATFORM}), flush=True)
server.serve_forever()
