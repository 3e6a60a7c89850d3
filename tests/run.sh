#!/usr/bin/env bash
# Installs what the tests need, builds, and runs the whole suite:
#
#   lint      formatting, layering, protos, clang-tidy
#   dev       every test, with coverage of src/ printed
#   asan      every test under AddressSanitizer and UBSan
#   tsan      the tests without gRPC under ThreadSanitizer
#   fuzz      every fuzzer for a short, repeatable while
#
#   tests/run.sh            all of it
#   tests/run.sh --quick    the inner loop: dev build, tests without the long ones
#   ... --coverage          with coverage printed all the same
#   tests/run.sh STAGE...   just these stages
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec tests/suite/run.py "$@"
