"""The script that lists a backup set on its node, and how its answer is read. It only looks, and names stay data.

Perl, because every Mac and every Debian has it and no shell can list names with newlines safely. The answer is records
of fields, each ended by NUL: no name can forge one. The folder is read once; only what belongs to the set is looked at.
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
my (%there, %beside, @left);
while (defined(my $name = readdir $folder)) {
  if ($name =~ m{^(\Q$begin\E\d{8}_\d{6}\Q$end\E)(?:\.(manifest|verified|sha256))?\z}) {
    if (defined $2) { $beside{$1}{$2} = 1 } else { $there{$1} = 1 }
  } elsif ($name =~ m{^\.\Q$begin\E\d{8}_\d{6}\Q$end\E(?:\.\w+)*\.part\z}) {
    push @left, $name;
  }
}
closedir $folder;

my ($patience, $until) = (50000, time + 5);
for my $name (keys %there, grep { !$there{$_} } keys %beside) {
  my ($y, $m, $d, $h, $min, $s) = $name =~ m{^\Q$begin\E(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)};
  my $taken = eval { Time::Local::timelocal($s, $min, $h, $d, $m - 1, $y) };
  next unless defined $taken;
  my $path = "$dir/$name";
  my ($size, $counted) = (0, 1);
  if ($there{$name}) {
    next unless $of_folders ? -d $path : -f $path;
    $size = $of_folders ? 0 : (-s _) || 0;
  } elsif (!$beside{$name}{manifest}) {
    push @left, "$name.sha256" if $beside{$name}{sha256};
    next;
  }
  my $manifest = $beside{$name}{manifest} ? head_of("$path.manifest", 65536) : undef;
  if ($there{$name} && $of_folders && !defined $manifest) {
    my $add = sub { die "enough\n" if --$patience < 0 || time > $until; $size += (-s _) || 0 if lstat && -f _ };
    $counted = eval { File::Find::find({ no_chdir => 1, wanted => $add }, $path); 1 } ? 1 : 0;
  }
  my @lines = grep { /^(?:manifest|size|snapshot|rows|run) / } split(/\n/, defined $manifest ? $manifest : "");
  my $verified = $beside{$name}{verified} ? head_of("$path.verified", 4096) : undef;
  say_("backup", $name, $taken, $there{$name} ? "there" : "", $size, $counted ? "" : "more",
    defined $manifest ? "manifest" : "", join("\n", @lines), defined $verified ? $verified : "");
}
for my $name (@left) {
  my @about = lstat "$dir/$name";
  say_("left", $name, $about[9]) if @about && (-f _ || -d _);
}
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
    there: bool
    """False: only its manifest is."""
    size: int
    more: bool
    """Counting the files of a folder without manifest was given up at `size`."""
    manifest: str | None
    verified: str


@dataclass(frozen=True, slots=True)
class Left:
    """What an interrupted backup of the set left behind, and when it was last written."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What the node answered: the folder and what is in it, or why it could not look."""

    folder: str = ""
    found: tuple[Found, ...] = ()
    left: tuple[Left, ...] = ()
    error: tuple[str, ...] = ()
    """First word: variable, mount, unmounted, folder; then what belongs to it."""


def read_listing(output: bytes) -> Listing | None:
    """The answer of the script; None when it is not whole."""
    _noise, begin, answer = output.partition(_BEGIN)
    records = list(_records(answer)) if begin else []
    folder = ""
    found: list[Found] = []
    left: list[Left] = []
    for kind, *fields in records:
        if kind == "error":
            return Listing(error=tuple(fields))
        if kind == "folder":
            folder = fields[0]
        elif kind == "left":
            left.append(Left(fields[0], int(fields[1])))
        elif kind == "backup":
            name, taken, there, size, more, has_manifest, manifest, verified = fields
            whole = manifest if has_manifest else None
            found.append(Found(name, int(taken), bool(there), int(size), bool(more), whole, verified))
    if not records or records[-1] != ["end"]:
        return None
    return Listing(folder, tuple(found), tuple(left))


def _records(answer: bytes) -> Iterator[list[str]]:
    *records, _rest = answer.split(_RECORD_END)
    for record in records:
        yield [field.decode(errors="surrogateescape") for field in record.split(b"\0")]
