# What the other scripts share: steps that say their name and time, and where tools are kept. Sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Tools are kept per user and by version, so that the next clone finds them there.
tools=${VESTIBULE_TOOLS:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is XDG_CACHE_HOME}/.cache}/vestibule/tools}

say() { printf '\n==> %s\n' "$*" >&2; }

fail() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}

# step NAME COMMAND...: runs the command, says its name before and its time after.
step() {
  local name=$1 begun=$SECONDS status=0
  shift
  say "$name"
  # Not "if ! ...": the shell would then go on after an error inside a function.
  set +e
  (set -e; "$@")
  status=$?
  set -e
  [ "$status" -eq 0 ] || fail "$name: failed after $((SECONDS - begun)) s"
  printf '    %s: %d s\n' "$name" "$((SECONDS - begun))" >&2
}

has() { command -v "$1" >/dev/null; }

is_root() { [ "$(id -u)" -eq 0 ]; }

# keep NAME COMMAND...: makes $tools/NAME once. The command fills the folder that it gets as its last argument (and says by its status
# whether it could: errexit is off in it). The folder appears under its name whole or not at all, so two clones may do this at once.
keep() {
  local name=$1 made
  shift
  [ ! -d "$tools/$name" ] || return 0
  mkdir -p "$tools"
  made=$(mktemp -d "$tools/.$name.XXXXXX")
  "$@" "$made" || { rm -rf "$made"; return 1; }
  if [ -d "$tools/$name" ]; then rm -rf "$made"; else mv "$made" "$tools/$name"; fi
}

# apt NAME...: Debian's packages, where we may install them.
apt() {
  is_root && has apt-get || return 1
  say "Debian's $*"
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# quick_folder NAME: makes a folder, in memory if there is plenty of it, and prints its path.
quick_folder() {
  local place=${TMPDIR:-/tmp}
  if [ -w /dev/shm ] && (($(df --output=avail -k /dev/shm | tail -1) > 4 << 20)); then place=/dev/shm; fi 2>/dev/null
  mktemp -d "$place/vestibule-$1.XXXXXX"
}
