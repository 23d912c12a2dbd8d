"""A hundred raters at once on a real server that is killed in between; a program.

    PYTHONPATH=.:platform python -m tests.ratings.load [raters] [items each]

States the 95th percentile of a vote, that no lease was given twice, and that every
vote the site acknowledged is stored, although its web process died by SIGKILL.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 0.5  # of a mixture: three sounds take 1.5 s
KILLED_AFTER = 0.4  # of all votes
PATIENCE = 120  # seconds a browser tries again


class Site:
    """granian as the demo starts it, with as many workers as asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.start()

    def start(self) -> None:
        """Begin to answer in a moment."""
        granian = str(Path(sys.executable).parent / "granian")
        listen = ["--host", "127.0.0.1", "--port", str(self.port)]
        threads = ["--workers", "1", "--blocking-threads", "4"]
        command = [granian, "--interface", "wsgi", *listen, *threads]
        self.process = subprocess.Popen(
            [*command, "config.wsgi:application"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        os.killpg(self.process.pid, 9)  # the group started above, and no other
        self.process.wait()


class Browser:
    """One rater: cookies, forms, and trying again while the site is away."""

    def __init__(self, site: str) -> None:
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.site = site
        self.votes: list[float] = []  # seconds of those that met no outage
        self.retries = self.taken = 0

    def get(self, path: str) -> str:
        return self._ask(path, None)[0]

    def post(self, path: str, page: str, **fields: object) -> str:
        found = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page)
        assert found, page[:500]
        data = urlencode({"csrfmiddlewaretoken": found[1], **fields}).encode()
        return self._ask(path, data)[1]

    def _ask(self, path: str, data: bytes | None) -> tuple[str, str]:
        """The answer, and where it led."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self.opener.open(self.site + path, data, timeout=60) as answer:
                    text = answer.read()
                    return text.decode(errors="replace"), answer.url
            except urllib.error.HTTPError as refusal:
                if refusal.code < 500 or time.monotonic() > until:
                    raise
            except (OSError, ConnectionError):
                if time.monotonic() > until:
                    raise
            self.retries += 1
            time.sleep(0.3)

    def rate(self, slug: str, items: int, voted: threading.Semaphore) -> None:
        page = self.get(f"/rate/{slug}/")
        link = self.post(f"/rate/{slug}/", page, agrees="on")
        link = link.removeprefix(self.site)
        for _ in range(items):
            page = self.get(link)
            sounds = re.findall(r'data-address="([^"]+)"', page)
            if not sounds:
                return
            for sound in sounds:
                self.get(sound)
            time.sleep(SECONDS * len(sounds) + 0.1)
            found = re.search(r'name="position" value="(\d+)"', page)
            assert found
            start, retries = time.monotonic(), self.retries
            self.post(link, page, position=found[1], score_1=3, score_2=4)
            if self.retries == retries:
                self.votes.append(time.monotonic() - start)
            self.taken += 1
            voted.release()


def main() -> None:
    raters, items = (int(given) for given in (sys.argv[1:] + ["100", "4"])[:2])
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from ratings.models import Assignment, Rating
    from tests.ratings import factories

    of = factories.study(mixtures=0, items_per_session=items, ratings_per_estimate=500)
    for number in range(1, 9):
        heard = factories.mixture(of.campaign, number, seconds=SECONDS)
        for name in factories.SEPARATORS:
            factories.done_run(heard, name)
    port = int(os.environ["LOAD_PORT"])
    site, voted = Site(port), threading.Semaphore(0)
    browsers = [Browser(f"http://127.0.0.1:{port}") for _ in range(raters)]
    began = time.monotonic()
    with ThreadPoolExecutor(raters) as pool:
        done = [pool.submit(one.rate, of.slug, items, voted) for one in browsers]
        for _ in range(int(KILLED_AFTER * raters * items)):
            voted.acquire(timeout=300)
        site.kill()
        site.start()
        for one in done:
            one.result()
    site.kill()
    taken = sum(one.taken for one in browsers)
    sent = Assignment.objects.filter(state="submitted")
    given = Counter(sent.values_list("session_id", "item_id"))
    print(f"{raters} raters, {taken} votes in {time.monotonic() - began:.0f} s")
    times = [seconds for one in browsers for seconds in one.votes]
    print(
        f"vote and next page: median {np.median(times):.2f} s, "
        f"p95 {np.quantile(times, 0.95):.2f} s over {len(times)} without an outage"
    )
    print(f"stored {sent.count()} of {taken}, scores {Rating.objects.count()}")
    print(f"leases given twice: {sum(n > 1 for n in given.values())}")


if __name__ == "__main__":
    from tests.services.processes import free_port

    with tempfile.TemporaryDirectory() as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        os.environ["VAR_DIR"] = folder
        os.environ["LOG_LEVEL"] = "ERROR"
        os.environ["LOAD_PORT"] = str(free_port())
        os.environ["SITE_URL"] = f"http://127.0.0.1:{os.environ['LOAD_PORT']}"
        main()
