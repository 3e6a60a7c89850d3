#include "cli/enrich_command.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "cli/dry_run.h"
#include "cli/enrich_job.h"
#include "cli/result_columns.h"

namespace enrich::cli {
namespace {

constexpr int64_t kMaxBatch = 10'000;
constexpr int kMaxWindow = 64;

absl::StatusOr<FileFormat> ParseFormat(absl::string_view flag,
                                       const std::string& name,
                                       FileFormat otherwise) {
  if (name.empty()) return otherwise;
  if (name == "csv") return FileFormat::kCsv;
  if (name == "jsonl") return FileFormat::kJsonLines;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " is csv or jsonl, not ", name));
}

absl::StatusOr<char> ParseDelimiter(const std::string& text) {
  if (text.empty()) return '\0';
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r") {
    return text[0];
  }
  return absl::InvalidArgumentError(
      "--delimiter is one character, or the word tab");
}

absl::StatusOr<std::vector<v1::ContactField>> ParseFields(
    const std::vector<std::string>& names) {
  std::vector<v1::ContactField> fields;
  for (const std::string& name : names) {
    const auto field = ParseField(name);
    if (!field.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--fields knows work_email, phone, personal_email and "
                       "email_verification, not ",
                       name));
    }
    if (std::find(fields.begin(), fields.end(), *field) == fields.end()) {
      fields.push_back(*field);
    }
  }
  return fields;
}

absl::StatusOr<v1::EmailQuality> ParseQuality(const std::string& name) {
  if (name.empty()) return v1::EMAIL_QUALITY_UNSPECIFIED;
  const auto quality = ParseMinQuality(name);
  if (quality.has_value()) return *quality;
  return absl::InvalidArgumentError(absl::StrCat(
      "--min-quality is deliverable, high_probability or catch_all, not ",
      name));
}

// An amount, in `unit`ths of one.
std::optional<int64_t> ParseAmount(absl::string_view text, double unit) {
  // Enough for any account, and exact as a double.
  constexpr double kMost = 1e9;
  double amount = 0;
  if (!absl::SimpleAtod(text, &amount) || !(amount >= 0 && amount <= kMost)) {
    return std::nullopt;
  }
  return std::llround(amount * unit);
}

absl::Status ParseCeilings(const EnrichFlags& flags, EnrichOptions& options) {
  for (const std::string& text : flags.max_credits) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    const auto most = ParseAmount(parts.second, 1e3);
    if (parts.first.empty() || !most.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--max-credits is ACCOUNT=N with N credits, not ", text));
    }
    options.max_millicredits[parts.first] = *most;
  }
  if (flags.max_cost.empty()) return absl::OkStatus();
  const auto most = ParseAmount(flags.max_cost, 1e6);
  if (most.value_or(0) <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--max-cost is an amount of money, not ", flags.max_cost));
  }
  options.max_cost_micros = *most;
  return absl::OkStatus();
}

std::string Quote(const std::string& word) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

}  // namespace

void AddEnrichFlags(CLI::App& command, EnrichFlags& flags) {
  command
      .add_option("--in", flags.in, "contacts, CSV or JSON Lines; - is stdin")
      ->capture_default_str();
  command.add_option("--out", flags.out, "results; - is stdout. Overwritten")
      ->capture_default_str();
  command.add_option("--in-format", flags.in_format,
                     "csv or jsonl; default: by the file's name");
  command.add_option("--out-format", flags.out_format,
                     "csv or jsonl; default: by the file's name, or as --in");
  command.add_option("--delimiter", flags.delimiter,
                     "of CSV; default: comma, semicolon or tab as found");
  command
      .add_option("--map", flags.maps,
                  "field=Column: where a field stands, such as "
                  "company_domain=\"Web page\"; may be repeated")
      ->expected(1)
      ->take_all();
  command
      .add_option("--fields", flags.fields,
                  "what to look up: "
                  "work_email,phone,personal_email,email_verification")
      ->delimiter(',')
      ->capture_default_str();
  command
      .add_option("--providers", flags.providers,
                  "accounts to ask, in order; default: as configured")
      ->delimiter(',');
  command.add_option("--min-quality", flags.min_quality,
                     "lowest e-mail quality that will do: deliverable, "
                     "high_probability, catch_all");
  command
      .add_option("--max-credits", flags.max_credits,
                  "ACCOUNT=N: the most credits the run may cost at a provider "
                  "account; may be repeated")
      ->expected(1)
      ->take_all();
  command.add_option("--max-cost", flags.max_cost,
                     "the most money the run may cost, by the prices in the "
                     "gateway's configuration");
  command.add_option("--run", flags.run,
                     "a label; contacts asked for under another label are "
                     "asked for again");
  command.add_flag("--no-cache", flags.no_cache,
                   "buy what the gateway has bought before; needs another "
                   "--run where this was done before");
  command.add_option("--batch-size", flags.batch_size, "contacts per batch")
      ->capture_default_str();
  command.add_option("--window", flags.window, "batches in flight at once")
      ->capture_default_str();
  command.add_flag("--unordered", flags.unordered,
                   "write results as they arrive, not in input order");
  command.add_flag("--safe-cells", flags.safe_cells,
                   "keep spreadsheets from running cells as formulas");
  command.add_flag("--restart", flags.restart,
                   "discard a saved state and write the output anew; what was "
                   "bought is not bought again");
  command.add_flag("--dry-run", flags.dry_run,
                   "print the plan, its highest price and time; buy nothing");
}

absl::StatusOr<EnrichOptions> ParseEnrichFlags(const EnrichFlags& flags) {
  EnrichOptions options{.in = flags.in,
                        .out = flags.out,
                        .providers = flags.providers,
                        .run = flags.run,
                        .no_cache = flags.no_cache,
                        .batch_size = flags.batch_size,
                        .window = flags.window,
                        .unordered = flags.unordered,
                        .restart = flags.restart};
  ASSIGN_OR_RETURN(
      options.input.format,
      ParseFormat("--in-format", flags.in_format, FormatOfPath(flags.in)));
  ASSIGN_OR_RETURN(options.input.delimiter, ParseDelimiter(flags.delimiter));
  ASSIGN_OR_RETURN(options.input.columns, ParseColumnOverrides(flags.maps));
  ASSIGN_OR_RETURN(options.output.format,
                   ParseFormat("--out-format", flags.out_format,
                               flags.out == "-" ? options.input.format
                                                : FormatOfPath(flags.out)));
  if (flags.safe_cells) {
    options.output.safety = CellSafety::kNeutralizeFormulas;
  }
  ASSIGN_OR_RETURN(options.fields, ParseFields(flags.fields));
  options.input.email_identifies =
      options.fields == std::vector{v1::CONTACT_FIELD_EMAIL_VERIFICATION};
  ASSIGN_OR_RETURN(options.min_quality, ParseQuality(flags.min_quality));
  RETURN_IF_ERROR(ParseCeilings(flags, options));
  if (flags.batch_size < 1 || flags.batch_size > kMaxBatch) {
    return absl::InvalidArgumentError("--batch-size is 1 to 10000");
  }
  if (flags.window < 1 || flags.window > kMaxWindow) {
    return absl::InvalidArgumentError("--window is 1 to 64");
  }
  return options;
}

std::string ContinueCommand(const std::vector<std::string>& args) {
  std::string command = "enrichctl";
  bool skip = false;
  for (const std::string& arg : args) {
    // A token does not belong on a screen; a restart would begin anew.
    const bool skipped = skip || arg == "--token" || arg == "--restart" ||
                         absl::StartsWith(arg, "--token=");
    skip = !skip && arg == "--token";
    if (!skipped) absl::StrAppend(&command, " ", Quote(arg));
  }
  return command;
}

absl::StatusOr<ExitCode> EnrichCommand(CommandContext& context,
                                       const EnrichFlags& flags,
                                       const std::vector<std::string>& args) {
  ASSIGN_OR_RETURN(EnrichOptions options, ParseEnrichFlags(flags));
  options.quiet = context.quiet;
  if (flags.dry_run) {
    const auto totals =
        DryRun(options, context.format, context.session, context.terminal);
    RETURN_IF_ERROR(totals.status());
    return ExitCode::kDone;
  }
  options.command = ContinueCommand(args);
  EnrichJob job(options, context.session, context.clock, context.terminal);
  ASSIGN_OR_RETURN(const Tally tally, job.Run());
  return tally.Unanswered() > 0 ? ExitCode::kContactFailures : ExitCode::kDone;
}

}  // namespace enrich::cli
