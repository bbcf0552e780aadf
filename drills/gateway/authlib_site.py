"""A relying party on Authlib's integration for Flask, as its documentation describes it."""

import os
import secrets

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, jsonify, redirect, request, session
from werkzeug.serving import make_server

origin = f"http://localhost:{os.environ['PORT']}"
app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
oauth = OAuth(app)
oauth.register(
    "gateway",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{os.environ['ISSUER']}/.well-known/openid-configuration",
    client_kwargs={"scope": os.environ["SCOPE"], "code_challenge_method": "S256"},
)
# By the name in the session: a token does not fit into Flask's cookie.
tokens = {}


@app.get("/ready")
def ready():
    return jsonify(ready=True)


@app.get("/sign-in")
def sign_in():
    return oauth.gateway.authorize_redirect(f"{origin}/back", acr_values=request.args["acr"])


@app.get("/back")
def back():
    # Verifies state, the ID token's signature, issuer, audience and nonce.
    token = oauth.gateway.authorize_access_token()
    session["name"] = secrets.token_hex(16)
    tokens[session["name"]] = token
    return jsonify(
        idToken=token["userinfo"],
        userinfo=oauth.gateway.userinfo(token=token),
        accessToken=token["access_token"],
    )


@app.get("/sign-out")
def sign_out():
    token = tokens.pop(session.pop("name"))
    return oauth.gateway.logout_redirect(
        post_logout_redirect_uri=f"{origin}/signed-out", id_token_hint=token["id_token"]
    )


@app.get("/signed-out")
def signed_out():
    oauth.gateway.validate_logout_response()
    return jsonify(signedOut=True)


@app.errorhandler(OAuthError)
def refused(error):
    return jsonify(error=error.error), 400


make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True).serve_forever()
