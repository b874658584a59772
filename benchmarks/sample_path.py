"""Time the import, each step of the path on the sample, and 5,000 individual emails; prints a table.

python benchmarks/sample_path.py
"""

import subprocess
import sys
import tempfile
import time

IMPORT = "import time; start = time.perf_counter(); import segvspers; print(time.perf_counter() - start)"


class Timed:
    """A writer that notes the CPU seconds of its own work."""

    name = "offline"

    def write(self, briefs):
        """Write as the offline writer does."""
        from segvspers.emails import OfflineWriter

        listed = list(briefs)
        start = time.process_time()
        drafts = OfflineWriter().write(listed)
        self.seconds, self.n = time.process_time() - start, len(listed)
        return drafts


def main():
    """Measure and print."""
    seconds = min(float(subprocess.check_output([sys.executable, "-c", IMPORT])) for _ in range(5))
    print(f"import segvspers: {seconds:.3f} s")
    import segvspers as sv

    start = time.perf_counter()
    from segvspers.pipeline import Inputs, run_path

    folder = sv.datasets.sample_path()
    files = {name: folder / f"{name}.csv" for name in ("contacts", "history", "outcomes")}
    with tempfile.TemporaryDirectory() as out:
        run_path(Inputs(campaign=folder / "campaign.yml", **files), out, as_of="2026-11-01")
    print(f"whole path on the sample, after the import: {time.perf_counter() - start:.1f} s")

    contacts = sv.read_contacts(files["contacts"])
    facts = sv.derive_facts(contacts, sv.read_history(files["history"]), as_of="2026-11-01")
    campaign = sv.read_campaign(folder / "campaign.yml")
    audience, writer = contacts.assign(segment_id="all"), Timed()
    start = time.process_time()
    sv.write_emails(audience, facts, campaign=campaign, writer=writer, variants=["individual"])
    total = time.process_time() - start
    print(
        f"offline writer: {writer.n:,} emails in {writer.seconds:.2f} CPU s, {writer.seconds / writer.n * 1e3:.2f} ms each"
    )
    print(f"individual variant of {len(contacts):,} contacts with routing, table and bits: {total:.2f} CPU s")


if __name__ == "__main__":
    main()
