#!/usr/bin/env python3
"""Plants known Raft mistakes one by one, and reports how many seeds of the campaign find each.

Each mistake is a change of Sources/Raft. The changed engine is built with the tests' cluster in a folder of its own, and
the campaign runs up to the first seed that fails. A mistake that no seed finds makes the exit status 1.

    Tests/RaftTests/mistakes.py [--seeds 2000] [--check] [NAME…]
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# So many seeds run in one process, which may take so long.
SLICE = 50
SLICE_SECONDS = 300
ROOT = pathlib.Path(__file__).resolve().parents[2]

# Name, where it is from, and the changes: file, what stands there, what is put there.
MISTAKES = [
    ("vote-not-persisted", "paper, section 5.2: a vote is stored before it is told",
     [("Candidate.swift", "      persist(.vote(term: term, candidate: candidate))\n    }\n    // Not",
       "    }\n    // Not")]),
    ("vote-before-durable", "thesis, section 3.8: the answer waits for the disk",
     [("Candidate.swift",
       "    sendWhenDurable(voteMessage(request, isPreliminary: false, isGranted: true), to: candidate)",
       "    send(voteMessage(request, isPreliminary: false, isGranted: true), to: candidate)")]),
    ("report-before-durable", "thesis, section 3.8: an entry is reported when it is stored",
     [("Follower.swift", "      sendWhenDurable(.report(report), to: leader)\n    }\n  }\n}",
       "      send(.report(report), to: leader)\n    }\n  }\n}")]),
    ("two-votes-in-a-term", "paper, section 5.2: one vote in a term",
     [("Candidate.swift", "vote == nil || vote == candidate,", "true,"),
      ("Candidate.swift", "    if vote == nil {\n      vote = candidate", "    if true {\n      vote = candidate")]),
    ("vote-for-a-shorter-log", "paper, section 5.4.1: the election restriction",
     [("Candidate.swift", "guard candidateTerm == term, request.last >= log.last,", "guard candidateTerm == term,"),
      ("Candidate.swift", "request.term > term && request.request.last >= log.last {", "request.term > term {")]),
    ("log-compared-by-length", "paper, section 5.4.1: the last term counts first",
     [("Entry.swift", "(a.term, a.index) < (b.term, b.index)", "(a.index, a.term) < (b.index, b.term)")]),
    ("older-term-committed-by-counting", "paper, figure 8",
     [("Leader.swift", "guard stored > commit, log.term(at: stored) == term else", "guard stored > commit else")]),
    ("report-of-an-older-term", "etcd: a late reply is taken for one of this term",
     [("Leader.swift", "guard messageTerm == term, case .leader(let leader) = role else { return }\n    // Nobody",
       "guard case .leader(let leader) = role else { return }\n    // Nobody")]),
    ("truncation-by-a-late-append", "paper, section 5.3: only a conflict removes entries",
     [("Follower.swift", "while let entry = new.first, index + 1 <= log.base.index || log.term(at: index + 1) == "
       "entry.term {", "while new.first != nil, index + 1 <= log.base.index {"),
      ("Follower.swift", "    guard index >= commit else { return false }\n", "")]),
    ("no-consistency-check", "paper, section 5.3: the place before the entries is compared",
     [("Follower.swift", "position.index < log.base.index || log.term(at: position.index) == position.term",
       "position.index <= log.last.index")]),
    ("double-execution", "thesis, section 6.3: a retry is executed once",
     [("SessionTable.swift", "guard batch.last > known else { return nil }",
       "guard batch.last > known else { return batch }")]),
    ("sessions-not-in-the-snapshot", "thesis, section 6.3: sessions are part of the state",
     [("Follower.swift", "executed = SessionTable(snapshot.sessions)", "executed = SessionTable(count: count)")]),
    ("older-snapshot-installed", "paper, section 7: a snapshot that is known already is refused",
     [("Follower.swift", "guard piece.position.index > commit else { return report(.matches(commit)) }", "")]),
    ("lease-from-the-report", "LeaseGuard: a lease counts from when the leader has sent, not from when it hears",
     [("Leader.swift", "    progress.echo = max(progress.echo ?? report.echo, report.echo)",
       "    progress.echo = stamp")]),
    ("lease-read-after-a-pause", "etcd 20418: the clock is not read again",
     [("Raft+Reads.swift", "return instant < Self.instant(ofStamp: echo)", "return now < Self.instant(ofStamp: echo)")]),
    ("vote-within-a-lease", "thesis, section 4.2.3: who hears the leader votes for nobody else",
     [("Raft.swift", "return now < contact.promise(options)", "return false")]),
    ("promise-forgotten-by-a-restart", "thesis, section 6.4.1: a lease outlives a restart of the voter",
     [("Follower.swift", "    contact.inheritPromise(at: now)\n", "")]),
    ("lease-kept-in-a-transfer", "etcd: a leader that hands over has no lease",
     [("Raft+Proposals.swift", "      $0.hasGivenUpLease = true\n", "")]),
    ("commit-without-a-reader", "Bodega: a write waits for every node that may read",
     [("Leader.swift", "let index = min(stored, granted.min() ?? stored)", "let index = stored")]),
    ("grants-of-the-last-leader", "LeaseGuard: a new leader waits for the leases of the last one",
     [("Leader.swift", "      progress[node].grantedUntil = now + options.lengthened(options.readLease)\n    }\n    let",
       "      _ = node\n    }\n    let")]),
    ("read-index-without-a-majority", "thesis, section 6.4: the leader makes sure that it is one",
     [("Raft+Reads.swift", "{ (isSole || echo >= $0.stamp) && commit >= $0.index }\n    guard",
       "{ commit >= $0.index }\n    guard"),
      ("Raft+Reads.swift", "leader.pendingReads.removeAll { (isSole || echo >= $0.stamp) && commit >= $0.index }",
       "leader.pendingReads.removeAll { commit >= $0.index }\n      _ = (isSole, echo)")]),
    ("read-before-the-first-entry", "thesis, section 6.4: a new leader does not know what is committed",
     [("Raft+Reads.swift", "index: max(commit, $0.firstIndex)", "index: commit"),
      ("Raft+Reads.swift", "return holdsLease(leader, at: now) && commit >= leader.firstIndex ?",
       "return holdsLease(leader, at: now) ?")]),
]

PACKAGE = """// swift-tools-version: 6.2
import PackageDescription
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
let package = Package(name: "mistakes", targets: [
  .target(name: "EddyTiming", path: "Sources/Timing", swiftSettings: strict, linkerSettings: [.linkedLibrary("m")]),
  .target(name: "EddyRaft", dependencies: ["EddyTiming"], path: "Sources/Raft", swiftSettings: strict),
  .target(name: "GoldenFiles", path: "Tests/GoldenFiles", swiftSettings: strict),
  .testTarget(name: "RaftTests", dependencies: ["EddyRaft", "EddyTiming", "GoldenFiles"], path: "Tests/RaftTests",
    exclude: ["Transcripts", "mistakes.py"], swiftSettings: strict),
], swiftLanguageModes: [.v6])
"""


def copy(folder):
    for part in ["Sources/Timing", "Sources/Raft", "Tests/GoldenFiles", "Tests/RaftTests"]:
        shutil.copytree(ROOT / part, folder / part, dirs_exist_ok=True)
    (folder / "Package.swift").write_text(PACKAGE)


def planted(sources, changes):
    """The changed files' texts by their names. Ends the program if a place to change is not there exactly once."""
    texts = {}
    for file, old, new in changes:
        text = texts.get(file) or (sources / file).read_text()
        if text.count(old) != 1:
            sys.exit(f"{file} has {text.count(old)} times:\n{old}")
        texts[file] = text.replace(old, new)
    return texts


def run(folder, seeds):
    """Builds, and runs the campaign, then the rules asked of one node. Returns the first failure's text, None if there is none."""
    build = ["swift", "build", "--build-tests", "-c", "release", "-Xswiftc", "-enable-testing", "--package-path", str(folder)]
    result = subprocess.run(build, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stdout + result.stderr)
    tests = next((folder / ".build/release").glob("*.xctest"))
    command = [str(tests), "--testing-library", "swift-testing", "--filter"]
    for first in range(0, seeds, SLICE):
        slice = f"{first}..{min(first + SLICE, seeds) - 1}"
        try:
            result = subprocess.run([*command, "theSeedsThatAreAskedFor"], env=dict(os.environ, RAFT_SEEDS=slice), capture_output=True, text=True,
                                    timeout=SLICE_SECONDS)
        except subprocess.TimeoutExpired:
            return f"a seed of {slice} does not end"
        text = result.stdout + result.stderr
        if found := re.search(r"(seed \d+: .*?)(\x1b.*)?$", text, re.MULTILINE):
            return found.group(1)
        if result.returncode != 0:
            reason = re.search(r"Fatal error.*", text)
            return f"a seed of {slice} ends the process: {reason.group(0) if reason else result.returncode}"
    result = subprocess.run([*command, "RaftRuleTests"], capture_output=True, text=True, timeout=SLICE_SECONDS)
    found = re.search(r"Test (\w+)\([\w:]*\) recorded an issue", result.stdout + result.stderr)
    return f"no seed; rule: {found.group(1)}" if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--check", action="store_true", help="only check that every mistake can be planted")
    parser.add_argument("--folder", help="build here, and keep what is built")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    chosen = [mistake for mistake in MISTAKES if not arguments.names or mistake[0] in arguments.names]
    if arguments.check:
        for _, _, changes in chosen:
            planted(ROOT / "Sources/Raft", changes)
        print(f"{len(chosen)} mistakes can be planted")
        return
    missed = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.folder or temporary)
        copy(folder)
        sources = folder / "Sources/Raft"
        for name, source, changes in chosen:
            texts = planted(sources, changes)
            originals = {file: (sources / file).read_text() for file in texts}
            for file, text in texts.items():
                (sources / file).write_text(text)
            failure = run(folder, arguments.seeds)
            for file, text in originals.items():
                (sources / file).write_text(text)
            print(f"| {name} | {source} | {failure or 'not found'} |", flush=True)
            if failure is None:
                missed.append(name)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
