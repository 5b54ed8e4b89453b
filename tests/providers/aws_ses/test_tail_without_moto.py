"""An installation without the extra, in a process of its own where nothing of moto can be found."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.slow  # processes that import moto, or fail to

_SCRIPT = """
    import json, sys
    from importlib.metadata import Distribution, DistributionFinder

    class NoMoto(DistributionFinder):
        '''moto cannot be imported, and no installed distribution has its name.'''

        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "moto":
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

        def find_distributions(self, context=None):
            return iter(())

    finder = NoMoto()
    sys.meta_path.insert(0, finder)
    for other in sys.meta_path[1:]:
        if hasattr(other, "find_distributions"):
            found = other.find_distributions
            def without(context=DistributionFinder.Context(), found=found):
                return (one for one in found(context) if context.name != "moto")
            other.find_distributions = without

    from botocore.exceptions import ClientError
    from tests.providers.aws_ses.served_fake import a_recipient, serving, simple

    answers = {}

    def refused(name, call):
        try:
            call()
        except ClientError as error:
            answer = error.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            answers[name] = [answer["Error"]["Code"], status, answer["Error"]["Message"]]

    with serving() as served:
        v1, v2 = served.client("eu-west-1", service="ses"), served.client("eu-west-1")
        answers["native"] = len(v2.send_email(**simple(a_recipient()))["MessageId"])
        refused("v2", v2.list_contact_lists)
        refused("again", v2.list_contact_lists)
        refused("v1", v1.list_receipt_rule_sets)
        refused("neither", v2.list_import_jobs)
    answers["loaded"] = sorted(name for name in sys.modules if name.partition(".")[0] == "moto")
    print(json.dumps(answers))
"""


def test_without_the_extra_the_error_names_it_and_the_rest_works() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_SCRIPT)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    advice = "needs moto, which is not installed: install connector-gateway[moto]"
    assert json.loads(done.stdout) == {
        "native": 60,
        "v2": ["UnknownOperationException", 404, f"ListContactLists {advice}"],
        "again": ["UnknownOperationException", 404, f"ListContactLists {advice}"],
        "v1": ["InvalidAction", 400, f"ListReceiptRuleSets {advice}"],
        "neither": [
            "UnknownOperationException",
            404,
            "The requested operation is not recognized by the service.",
        ],
        "loaded": [],
    }
    assert done.stderr == ""


def test_a_gateway_does_not_load_moto_before_somebody_needs_it() -> None:
    script = (
        "import sys\n"
        "from tests.providers.aws_ses.served_fake import a_recipient, serving, simple\n"
        "with serving() as served:\n"
        "    served.client('eu-west-1').send_email(**simple(a_recipient()))\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'moto'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert done.stdout == "[]\n"
