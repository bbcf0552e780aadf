"""Validates paths with pyhanko-certvalidator: cases as JSON on stdin, one JSON list of verdicts on stdout."""

import asyncio
import base64
import datetime
import json
import sys

from asn1crypto import crl, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

# The list of the issuer must say that the certificate is good; about the issuer nobody is asked.
REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        ee_certificate_rule=RevocationCheckingRule.CRL_REQUIRED,
        intermediate_ca_cert_rule=RevocationCheckingRule.NO_CHECK,
    )
)


def certificate(text):
    return x509.Certificate.load(base64.b64decode(text))


async def validate(case):
    context = ValidationContext(
        trust_roots=[certificate(case["root"])],
        moment=datetime.datetime.fromisoformat(case["at"]),
        crls=[crl.CertificateList.load(base64.b64decode(text)) for text in case["crls"]],
        revinfo_policy=REVOCATION,
        allow_fetching=False,
    )
    params = PKIXValidationParams(
        user_initial_policy_set=frozenset(case["policies"]), initial_explicit_policy=True
    )
    validator = CertificateValidator(
        certificate(case["leaf"]),
        intermediate_certs=[certificate(text) for text in case["issuers"]],
        validation_context=context,
        pkix_params=params,
    )
    try:
        await validator.async_validate_usage({"digital_signature"})
        return {"valid": True, "why": ""}
    except PathError as error:
        return {"valid": False, "why": f"{type(error).__name__}: {error}"}
    except Exception as error:  # InvalidCertificateError and what cannot be parsed
        return {"valid": False, "why": f"{type(error).__name__}: {error}"}


print(json.dumps([asyncio.run(validate(case)) for case in json.load(sys.stdin)]))
