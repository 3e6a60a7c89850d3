#!/usr/bin/env bash
# Breaks the gateway on purpose, one mutation at a time, and shows that the tests
# notice: a test that cannot fail is worth nothing. Works on a copy of the tree
# under build/mutation. Exits with 1 when a mutation passes unnoticed, or when
# something fails without one.
#
#   tests/mutation/run.sh                   every mutation
#   tests/mutation/run.sh NAME...           these
#   tests/mutation/run.sh --check           only whether the patches still apply
#   ... --seeds A..B                        the worlds to look for them in
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mutations=tests/mutation
work=build/mutation
targets=(enrich_sim engine_test engine_flow_test webhook_test)

seeds=1..200
check=no
names=()
while (($# > 0)); do
  case $1 in
    --check) check=yes ;;
    --seeds) seeds=$2 && shift ;;
    *) names+=("$1") ;;
  esac
  shift
done
if ((${#names[@]} == 0)); then
  for patch in "$mutations"/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi

for name in "${names[@]}"; do
  if ! git apply --check "$mutations/$name.patch"; then
    echo "$name: the patch no longer applies; make it anew from what it says" >&2
    exit 1
  fi
done
if [[ $check == yes ]]; then
  echo "${#names[@]} patches apply"
  exit 0
fi

# A tree of its own, so that git does not take it for a part of ours.
export GIT_CEILING_DIRECTORIES=$PWD/$work
export CCACHE_BASEDIR=$PWD/$work/tree CCACHE_NOHASHDIR=1
mkdir -p "$work/tree"
# As new: what an earlier run left built may be of a mutation.
git ls-files -z --cached --others --exclude-standard |
  tar --null --files-from=- --create | tar --extract --touch -C "$work/tree"
(cd "$work/tree" && cmake --preset dev >/dev/null)

failures=0

# Builds the tree as it is and adds a line for it. $2: whether it must fail.
try() {
  local name=$1 must_fail=$2
  local log=$work/$name.log bin=$work/tree/build/dev/tests
  local world='none' tests=()
  cmake --build "$work/tree/build/dev" --parallel 2 --target "${targets[@]}" \
    >"$log" 2>&1 || { tail -n 50 "$log" && exit 1; }
  if ! "$bin/enrich_sim" --seeds "$seeds" >"$log"; then
    world=$(awk '/^seed .* fails$/ { seeds++; if (!seed) seed = $2 }
                 seed && !rule && /^  I/ { rule = $1 }
                 END { print seeds " worlds, first " seed ": " rule }' "$log")
  fi
  for test in "${targets[@]:1}"; do
    # A program that dies names no test: its exit status speaks for it.
    "$bin/$test" --gtest_brief=1 >>"$log" 2>&1 ||
      printf '\n[  FAILED  ] %s.exit\n' "$test" >>"$log"
  done
  mapfile -t tests < <(sed -n 's/^\[  FAILED  \] \([A-Za-z_]*\.[A-Za-z]*\).*/\1/p' \
    "$log" | sort -u)
  printf '%-28s %-36s %s\n' "$name" "$world" "${tests[*]:-none}"
  # The simulation has to notice by itself.
  if [[ $must_fail == yes && $world == none ]] ||
    [[ $must_fail == no && ($world != none || ${#tests[@]} -gt 0) ]]; then
    failures=$((failures + 1))
  fi
}

printf '%-28s %-36s %s\n' mutation "fails in (of worlds $seeds)" 'and in the tests'
try as-it-is no
for name in "${names[@]}"; do
  patch=$PWD/$mutations/$name.patch
  (cd "$work/tree" && git apply "$patch")
  try "$name" yes
  (cd "$work/tree" && git apply --reverse "$patch")
done
if ((failures > 0)); then
  echo "$failures not as it should be" >&2
  exit 1
fi
