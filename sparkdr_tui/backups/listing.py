"""The script that lists a backup set on its node, and how its answer is read. It only looks, and names stay data.

Perl, because every Mac and every Debian has it and no shell can list names with newlines safely. The answer is records
of fields, each ended by NUL: no name can forge one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SCRIPT = r"""exec perl -e '
use strict; use Time::Local (); use Cwd (); use File::Find ();
binmode STDOUT; $| = 1;
sub say_ { print join("\0", @_), "\0\n\0" }
sub give_up { say_("error", @_); exit 0 }
sub head_of { my ($path, $most) = @_; my $text = "";
  open(my $in, "<", $path) or return undef; binmode $in; read($in, $text, $most); close $in;
  $text =~ tr/\0//d; $text =~ s/\A\s+|\s+\z//g; return $text }

print "\0sparkdr-listing\0\n\0";
my $dir = $ENV{SET_DIR};
$dir =~ s{^~(?=/|$)}{$ENV{HOME}};
$dir =~ s{\$(?:\{(\w+)\}|(\w+))}{my $name = defined $1 ? $1 : $2;
  defined $ENV{$name} && length $ENV{$name} ? $ENV{$name} : give_up("variable", $name)}ge;
$dir =~ s{(?<=.)/+$}{};
$dir = "$ENV{HOME}/$dir" unless $dir =~ m{^/};

if ($ENV{SET_MOUNTED}) {
  my $wanted = $ENV{BACKUP_MOUNT};
  $wanted = "" unless defined $wanted && ("$dir/" =~ m{^\Q$wanted\E/});
  my @places = map { $_, Cwd::realpath($_) } grep { defined && length } $dir, $wanted;
  my $ok = 0;
  open(my $mounts, "-|", "mount") or give_up("mount", "$!");
  while (my $line = <$mounts>) {
    next unless $line =~ m{ on (/.+?) (?:type \S+ )?\([^()]*\)$} && $1 ne "/";
    my $on = $1;
    for my $place (grep { defined } @places) {
      $ok ||= length $wanted ? ($on eq $wanted || $on eq (Cwd::realpath($wanted) || "")) : ("$place/" =~ m{^\Q$on\E/});
    }
  }
  close $mounts;
  give_up("unmounted", length $wanted ? $wanted : $dir) unless $ok;
}
opendir(my $folder, $dir) or give_up("folder", $dir, $! + 0, "$!");

my ($begin, $end) = ($ENV{SET_BEGIN}, $ENV{SET_END});
my $of_folders = $end =~ s{/$}{};
my $patience = 50000;
while (defined(my $name = readdir $folder)) {
  next unless $name =~ m{^\Q$begin\E((\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d))\Q$end\E\z};
  my $taken = eval { Time::Local::timelocal($7, $6, $5, $4, $3 - 1, $2) };
  next unless defined $taken;
  my $path = "$dir/$name";
  next unless $of_folders ? -d $path : -f $path;
  my $size = $of_folders ? 0 : (-s _) || 0;
  my $manifest = head_of("$path.manifest", 65536);
  if ($of_folders && !defined $manifest) {
    my $add = sub { $size += (-s _) || 0 if $patience-- > 0 && lstat && -f _ };
    File::Find::find({ no_chdir => 1, wanted => $add }, $path);
  }
  my $facts = defined $manifest ? join("\n", grep { /^(?:manifest|size|snapshot|rows) / } split(/\n/, $manifest)) : "";
  my $verified = head_of("$path.verified", 4096);
  say_("backup", $name, $taken, $size, defined $manifest ? "manifest" : "", $facts, defined $verified ? $verified : "");
}
closedir $folder;
say_("folder", $dir);
say_("end");
'"""

_BEGIN = b"\0sparkdr-listing\0\n\0"
_RECORD_END = b"\0\n\0"


@dataclass(frozen=True, slots=True)
class Found:
    """One backup as the node tells of it; `manifest` and `verified` are the texts of the files beside it."""

    name: str
    taken: int
    size: int
    manifest: str | None
    verified: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the node answered: the folder and what is in it, or why it could not look."""

    folder: str = ""
    found: tuple[Found, ...] = ()
    error: tuple[str, ...] = ()
    """First word: variable, mount, unmounted, folder; then what belongs to it."""


def read_listing(output: bytes) -> Listing | None:
    """The answer of the script; None when it is not whole."""
    _noise, begin, answer = output.partition(_BEGIN)
    records = list(_records(answer)) if begin else []
    folder = ""
    found: list[Found] = []
    for kind, *fields in records:
        if kind == "error":
            return Listing(error=tuple(fields))
        if kind == "folder":
            folder = fields[0]
        elif kind == "backup":
            name, taken, size, has_manifest, manifest, verified = fields
            found.append(Found(name, int(taken), int(size), manifest if has_manifest else None, verified))
    if not records or records[-1] != ["end"]:
        return None
    return Listing(folder, tuple(found))


def _records(answer: bytes) -> Iterator[list[str]]:
    *records, _rest = answer.split(_RECORD_END)
    for record in records:
        yield [field.decode(errors="surrogateescape") for field in record.split(b"\0")]
