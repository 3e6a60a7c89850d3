#include "cli/read_commands.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/cells.h"
#include "cli/result_columns.h"
#include "cli/tally.h"

namespace enrich::cli {
namespace {

constexpr int kPage = 500;

Cells BatchColumns() {
  return {"batch_id",  "state",  "contacts", "done",  "found",
          "not_found", "failed", "unknown",  "spent", "reserved",
          "exposed",   "saved",  "created",  "name"};
}

std::string CreditsText(
    const google::protobuf::Map<std::string, int64_t>& millicredits) {
  return DescribeCredits({millicredits.begin(), millicredits.end()});
}

// An amount of each account that has some, such as "enrow 12.5, beta 3".
std::string Amounts(
    const google::protobuf::Map<std::string, v1::Funds>& accounts,
    int64_t (v1::Funds::*amount)() const) {
  std::vector<std::string> amounts;
  for (const auto& [account, funds] : accounts) {
    const int64_t millicredits = (funds.*amount)();
    if (millicredits == 0) continue;
    amounts.push_back(absl::StrCat(account, " ", FormatCredits(millicredits)));
  }
  std::sort(amounts.begin(), amounts.end());
  return absl::StrJoin(amounts, ", ");
}

Cells BatchCells(const v1::Batch& batch) {
  const v1::BatchProgress& progress = batch.progress();
  return {batch.batch_id(),
          ShortName(v1::BatchState_Name(batch.state()), "BATCH_STATE_"),
          absl::StrCat(progress.contacts()),
          absl::StrCat(progress.contacts_done()),
          absl::StrCat(progress.found()),
          absl::StrCat(progress.not_found()),
          absl::StrCat(progress.failed()),
          absl::StrCat(progress.unknown()),
          Amounts(progress.funds(), &v1::Funds::spent_millicredits),
          Amounts(progress.funds(), &v1::Funds::reserved_millicredits),
          Amounts(progress.funds(), &v1::Funds::exposed_millicredits),
          CreditsText(progress.saved_millicredits()),
          TimeText(batch.create_time()),
          batch.display_name()};
}

Cells EventColumns() {
  return {"sequence", "contact_ref", "field",   "status", "value",
          "quality",  "provider",    "credits", "reason", "supersedes"};
}

int64_t MillicreditsOf(const v1::FieldResult& field) {
  int64_t sum = 0;
  for (const auto& attempt : field.attempts()) sum += attempt.millicredits();
  return sum;
}

// One row per field; none for the end of the batch.
std::vector<Cells> EventRows(const v1::ResultEvent& event) {
  std::vector<Cells> rows;
  for (const v1::FieldResult& field : event.contact_result().fields()) {
    const bool found = field.outcome() == v1::LOOKUP_OUTCOME_FOUND;
    rows.push_back(
        {absl::StrCat(event.sequence()), event.contact_result().contact_ref(),
         FieldName(field.field()), OutcomeName(field.outcome()),
         BestValue(field),
         found && !field.emails().empty()
             ? QualityName(field.emails(0).quality())
             : "",
         field.provider(), FormatCredits(MillicreditsOf(field)),
         ReasonOf(field),
         event.supersedes() == 0 ? "" : absl::StrCat(event.supersedes())});
  }
  return rows;
}

absl::StatusOr<ExitCode> PrintBatch(CommandContext& context,
                                    const v1::Batch& batch) {
  RecordWriter writer(context.format, Shape::kOne, BatchColumns(),
                      context.terminal.out);
  writer.Add(batch, {BatchCells(batch)});
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

class EventPrinter final : public SessionObserver {
 public:
  explicit EventPrinter(CommandContext& context)
      : context_(context),
        writer_(context.format, Shape::kMany, EventColumns(),
                context.terminal.out) {}

  void OnEvent(const v1::ResultEvent& event) override {
    writer_.Add(event, EventRows(event));
    const v1::BatchProgress& progress =
        event.batch_finished().batch().progress();
    unanswered_ |= progress.failed() + progress.unknown() > 0;
  }
  void OnPosition(const StreamPosition& position) override {
    position_ = position;
    writer_.Flush();
  }
  void OnRetry(const absl::Status& why, absl::Duration delay) override {
    if (context_.quiet) return;
    context_.terminal.err << "retrying in " << absl::FormatDuration(delay)
                          << ": " << absl::StatusCodeToString(why.code())
                          << std::endl;
  }

  absl::Status Finish() { return writer_.Finish(); }
  bool unanswered() const { return unanswered_; }
  const std::string& resume_token() const { return position_.resume_token; }

 private:
  CommandContext& context_;
  RecordWriter writer_;
  StreamPosition position_;
  bool unanswered_ = false;
};

Cells ProviderColumns() {
  return {"provider", "adapter", "delivery",    "breaker",
          "fields",   "waiting", "in_flight",   "unknown",
          "parked",   "drift",   "quarantined", "spent",
          "reserved", "exposed", "balance",     "last_error"};
}

Cells ProviderCells(const v1::Provider& provider) {
  std::vector<std::string> fields;
  for (const v1::ProviderOperation& operation : provider.operations()) {
    for (const int field : operation.fields()) {
      std::string name = FieldName(static_cast<v1::ContactField>(field));
      if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
        fields.push_back(std::move(name));
      }
    }
  }
  return {
      provider.provider(),
      provider.adapter(),
      ShortName(v1::DeliveryMode_Name(provider.delivery()), "DELIVERY_MODE_"),
      ShortName(v1::BreakerState_Name(provider.breaker()), "BREAKER_STATE_"),
      absl::StrJoin(fields, ","),
      absl::StrCat(provider.lookups_waiting()),
      absl::StrCat(provider.contacts_in_flight()),
      absl::StrCat(provider.jobs_unknown()),
      absl::StrCat(provider.jobs_parked()),
      absl::StrCat(provider.contract_drift_count()),
      absl::StrCat(provider.webhooks_quarantined()),
      FormatCredits(provider.funds().spent_millicredits()),
      FormatCredits(provider.funds().reserved_millicredits()),
      FormatCredits(provider.funds().exposed_millicredits()),
      provider.has_balance_time()
          ? FormatCredits(provider.balance_millicredits())
          : "",
      provider.last_error()};
}

}  // namespace

absl::StatusOr<ExitCode> GetBatchCommand(CommandContext& context,
                                         const std::string& batch_id) {
  v1::GetBatchRequest request;
  request.set_batch_id(batch_id);
  ASSIGN_OR_RETURN(const auto response,
                   context.client.GetBatch(request, context.terminal.stop));
  return PrintBatch(context, response.batch());
}

absl::StatusOr<ExitCode> CancelBatchCommand(CommandContext& context,
                                            const std::string& batch_id) {
  v1::CancelBatchRequest request;
  request.set_batch_id(batch_id);
  ASSIGN_OR_RETURN(const auto response,
                   context.client.CancelBatch(request, context.terminal.stop));
  return PrintBatch(context, response.batch());
}

absl::StatusOr<ExitCode> ListBatchesCommand(CommandContext& context,
                                            int64_t limit) {
  RecordWriter writer(context.format, Shape::kMany, BatchColumns(),
                      context.terminal.out);
  v1::ListBatchesRequest request;
  int64_t printed = 0;
  do {
    const int64_t wanted = limit == 0 ? kPage : limit - printed;
    request.set_page_size(static_cast<int>(std::min<int64_t>(wanted, kPage)));
    ASSIGN_OR_RETURN(const auto response, context.client.ListBatches(
                                              request, context.terminal.stop));
    for (const v1::Batch& batch : response.batches()) {
      writer.Add(batch, {BatchCells(batch)});
      ++printed;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || printed < limit));
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> WatchBatchCommand(CommandContext& context,
                                           const std::string& batch_id,
                                           const std::string& resume_token) {
  EventPrinter printer(context);
  const absl::Status watched = context.session.Watch(
      batch_id, {.resume_token = resume_token}, context.terminal.stop, printer);
  if (!watched.ok() && !printer.resume_token().empty()) {
    context.terminal.err << "continue with: enrichctl batch watch " << batch_id
                         << " --resume-token " << printer.resume_token()
                         << std::endl;
  }
  RETURN_IF_ERROR(watched);
  RETURN_IF_ERROR(printer.Finish());
  return printer.unanswered() ? ExitCode::kContactFailures : ExitCode::kDone;
}

absl::StatusOr<ExitCode> ResultsCommand(CommandContext& context,
                                        const std::string& batch_id) {
  RecordWriter writer(context.format, Shape::kMany, EventColumns(),
                      context.terminal.out);
  v1::ListResultsRequest request;
  request.set_batch_id(batch_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const auto response, context.client.ListResults(
                                              request, context.terminal.stop));
    for (const v1::ResultEvent& event : response.events()) {
      writer.Add(event, EventRows(event));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ListProvidersCommand(CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   context.client.ListProviders(context.terminal.stop));
  RecordWriter writer(context.format, Shape::kMany, ProviderColumns(),
                      context.terminal.out);
  for (const v1::Provider& provider : response.providers()) {
    writer.Add(provider, {ProviderCells(provider)});
  }
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> HealthCommand(CommandContext& context,
                                       const std::string& service) {
  RETURN_IF_ERROR(context.client.CheckHealth(service, context.terminal.stop));
  context.terminal.out << "SERVING" << std::endl;
  return ExitCode::kDone;
}

}  // namespace enrich::cli
