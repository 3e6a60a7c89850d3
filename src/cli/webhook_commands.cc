#include "cli/webhook_commands.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace enrich::cli {
namespace {

using Cells = std::vector<std::string>;

constexpr int kPage = 500;

absl::StatusOr<absl::Time> ParseMoment(absl::string_view flag,
                                       const std::string& text,
                                       absl::Time now) {
  absl::Time moment;
  absl::Duration ago;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &moment, &error)) return moment;
  if (absl::ParseDuration(text, &ago) && ago >= absl::ZeroDuration() &&
      ago < absl::InfiniteDuration()) {
    return now - ago;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag,
                   " is a time such as 2026-11-26T08:00:00Z, or a span "
                   "before now such as 2h, not ",
                   text));
}

void SetTime(absl::Time from, google::protobuf::Timestamp& to) {
  to = google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
      absl::ToUnixNanos(from));
}

absl::StatusOr<v1::WebhookFilter> FilterFrom(const WebhookFlags& flags,
                                             absl::Time now) {
  v1::WebhookFilter filter;
  filter.set_provider(flags.account);
  filter.set_provider_job_id(flags.job);
  if (flags.quarantined) filter.set_state(v1::WEBHOOK_STATE_QUARANTINED);
  if (!flags.since.empty()) {
    ASSIGN_OR_RETURN(const absl::Time since,
                     ParseMoment("--since", flags.since, now));
    SetTime(since, *filter.mutable_since());
  }
  if (!flags.until.empty()) {
    ASSIGN_OR_RETURN(const absl::Time until,
                     ParseMoment("--until", flags.until, now));
    SetTime(until, *filter.mutable_until());
  }
  return filter;
}

Cells WebhookColumns() {
  return {"webhook_id", "provider", "received", "state",  "reason",
          "job",        "job_over", "bytes",    "sha256", "replayable"};
}

std::string YesNo(bool yes) { return yes ? "yes" : "no"; }

Cells WebhookCells(const v1::Webhook& webhook) {
  return {absl::StrCat(webhook.webhook_id()),
          webhook.provider(),
          google::protobuf::util::TimeUtil::ToString(webhook.receive_time()),
          absl::AsciiStrToLower(absl::StripPrefix(
              v1::WebhookState_Name(webhook.state()), "WEBHOOK_STATE_")),
          webhook.reason(),
          webhook.provider_job_id(),
          YesNo(webhook.job_over()),
          absl::StrCat(webhook.body_bytes()),
          webhook.body_sha256_prefix(),
          YesNo(webhook.replayable())};
}

// Adds the counts of a call to those of the calls before it.
void Add(const v1::ReplayWebhooksResponse& call,
         v1::ReplayWebhooksResponse& sum) {
  sum.set_replayed(sum.replayed() + call.replayed());
  sum.set_changed(sum.changed() + call.changed());
  sum.set_unchanged(sum.unchanged() + call.unchanged());
  sum.set_gone(sum.gone() + call.gone());
  sum.set_quarantined(sum.quarantined() + call.quarantined());
}

void TellQuarantined(const v1::ReplayWebhooksResponse& call,
                     CommandContext& context) {
  if (context.quiet) return;
  for (const v1::ReplayedWebhook& webhook : call.webhooks()) {
    if (webhook.reason().empty()) continue;
    context.terminal.err << "webhook " << webhook.webhook_id()
                         << " is in quarantine: " << webhook.reason()
                         << std::endl;
  }
}

}  // namespace

absl::StatusOr<ExitCode> ListWebhooksCommand(CommandContext& context,
                                             const WebhookFlags& flags,
                                             int64_t limit) {
  v1::ListWebhooksRequest request;
  ASSIGN_OR_RETURN(*request.mutable_filter(),
                   FilterFrom(flags, context.clock.Now()));
  RecordWriter writer(context.format, Shape::kMany, WebhookColumns(),
                      context.terminal.out);
  int64_t printed = 0;
  do {
    const int64_t wanted = limit == 0 ? kPage : limit - printed;
    request.set_page_size(static_cast<int>(std::min<int64_t>(wanted, kPage)));
    ASSIGN_OR_RETURN(const auto response, context.client.ListWebhooks(
                                              request, context.terminal.stop));
    for (const v1::Webhook& webhook : response.webhooks()) {
      writer.Add(webhook, {WebhookCells(webhook)});
      ++printed;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || printed < limit));
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ReplayWebhooksCommand(CommandContext& context,
                                               const WebhookFlags& flags) {
  v1::ReplayWebhooksRequest request;
  ASSIGN_OR_RETURN(*request.mutable_filter(),
                   FilterFrom(flags, context.clock.Now()));
  request.mutable_webhook_ids()->Add(flags.ids.begin(), flags.ids.end());
  request.set_validate_only(flags.dry_run);
  v1::ReplayWebhooksResponse sum;
  do {
    ASSIGN_OR_RETURN(const auto response, context.client.ReplayWebhooks(
                                              request, context.terminal.stop));
    Add(response, sum);
    TellQuarantined(response, context);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  RecordWriter writer(
      context.format, Shape::kOne,
      {"replayed", "changed", "unchanged", "gone", "quarantined"},
      context.terminal.out);
  writer.Add(sum, {{absl::StrCat(sum.replayed()), absl::StrCat(sum.changed()),
                    absl::StrCat(sum.unchanged()), absl::StrCat(sum.gone()),
                    absl::StrCat(sum.quarantined())}});
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

}  // namespace enrich::cli
