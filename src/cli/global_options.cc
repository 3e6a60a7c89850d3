#include "cli/global_options.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace enrich::cli {
namespace {

absl::StatusOr<absl::Duration> ParseSpan(absl::string_view flag,
                                         const std::string& text) {
  absl::Duration span;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    span = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &span)) {
    span = absl::ZeroDuration();
  }
  if (span > absl::ZeroDuration() && span < absl::InfiniteDuration()) {
    return span;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " is a time such as 30s or 10m, not ", text));
}

absl::StatusOr<Secret> ReadToken(const GlobalFlags& flags) {
  if (flags.token_file.empty()) return Secret(flags.token);
  std::ifstream in(flags.token_file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", flags.token_file));
  }
  return Secret(std::string(absl::StripAsciiWhitespace(text.str())));
}

absl::StatusOr<OutputFormat> ParseOutput(const std::string& name,
                                         OutputFormat otherwise) {
  if (name.empty()) return otherwise;
  if (name == "text") return OutputFormat::kText;
  if (name == "json") return OutputFormat::kJson;
  if (name == "jsonl") return OutputFormat::kJsonLines;
  if (name == "csv") return OutputFormat::kCsv;
  return absl::InvalidArgumentError(
      absl::StrCat("--output is text, json, jsonl or csv, not ", name));
}

bool IsLoopback(absl::string_view server) {
  return absl::StartsWith(server, "127.") ||
         absl::StartsWith(server, "localhost") ||
         absl::StartsWith(server, "[::1]") || absl::StartsWith(server, "unix:");
}

}  // namespace

void AddGlobalFlags(CLI::App& app, GlobalFlags& flags) {
  app.add_option("--server", flags.connect.server, "the gateway's address")
      ->envname("ENRICH_SERVER")
      ->capture_default_str();
  app.add_option("--token", flags.token,
                 "bearer token; prefer --token-file, as other users see "
                 "command lines")
      ->envname("ENRICH_TOKEN");
  app.add_option("--token-file", flags.token_file,
                 "file with the bearer token; wins over --token");
  app.add_flag("--tls", flags.connect.tls, "connect with TLS")
      ->envname("ENRICH_TLS");
  app.add_option("--ca-file", flags.connect.ca_file,
                 "certificate authorities to trust (PEM); implies --tls")
      ->envname("ENRICH_CA_FILE");
  app.add_option("--cert-file", flags.connect.certificate_file,
                 "certificate to present (PEM); implies --tls")
      ->envname("ENRICH_CERT_FILE");
  app.add_option("--key-file", flags.connect.key_file, "its private key (PEM)")
      ->envname("ENRICH_KEY_FILE");
  app.add_option("--timeout", flags.timeout, "for one call")
      ->capture_default_str();
  app.add_option("--max-wait", flags.max_wait,
                 "how long to try while the gateway does not answer (enrich, "
                 "batch watch)")
      ->capture_default_str();
  app.add_option("-o,--output", flags.format, "text, json, jsonl or csv");
  app.add_flag("-q,--quiet", flags.quiet, "no progress, no summary");
}

absl::StatusOr<GlobalOptions> ReadGlobalFlags(const GlobalFlags& flags,
                                              OutputFormat format) {
  GlobalOptions options;
  ASSIGN_OR_RETURN(options.token, ReadToken(flags));
  ASSIGN_OR_RETURN(options.format, ParseOutput(flags.format, format));
  ASSIGN_OR_RETURN(options.timeout, ParseSpan("--timeout", flags.timeout));
  ASSIGN_OR_RETURN(options.max_wait, ParseSpan("--max-wait", flags.max_wait));
  return options;
}

bool IsExposed(const Secret& token, const ConnectOptions& options) {
  return !token.empty() && !UsesTls(options) && !IsLoopback(options.server);
}

}  // namespace enrich::cli
