#include "cli/job_commands.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/cells.h"
#include "cli/result_columns.h"

namespace enrich::cli {
namespace {

constexpr int64_t kPage = 500;
// More than any account holds, and far from overflowing as millicredits.
constexpr double kMostCredits = 1e12;

Cells JobColumns() {
  return {"job_id",    "provider",        "operation", "state",
          "contacts",  "exposure",        "submitted", "attempts",
          "reference", "provider_job_id", "resend_of"};
}

Cells JobCells(const v1::Job& job) {
  return {job.job_id(),
          job.provider(),
          job.operation(),
          ShortName(v1::JobState_Name(job.state()), "JOB_STATE_"),
          absl::StrCat(job.contacts()),
          FormatCredits(job.exposure_millicredits()),
          TimeText(job.submit_time()),
          absl::StrCat(job.attempts()),
          job.reference(),
          job.provider_job_id(),
          job.resend_of()};
}

Cells AuditColumns() {
  return {"number",        "time",     "actor",    "action",   "job_id",
          "resend_job_id", "provider", "contacts", "exposure", "note"};
}

Cells AuditCells(const v1::AuditEntry& entry) {
  return {absl::StrCat(entry.number()),
          TimeText(entry.time()),
          entry.actor(),
          ShortName(v1::AuditAction_Name(entry.action()), "AUDIT_ACTION_"),
          entry.job_id(),
          entry.resend_job_id(),
          entry.provider(),
          absl::StrCat(entry.contacts()),
          FormatCredits(entry.exposure_millicredits()),
          entry.note()};
}

// How many to ask for when `printed` of `limit` are there; 0 is no limit.
int PageSize(int64_t limit, int64_t printed) {
  return static_cast<int>(limit == 0 ? kPage
                                     : std::min(limit - printed, kPage));
}

absl::Status PrintJobs(CommandContext& context,
                       std::initializer_list<const v1::Job*> jobs) {
  RecordWriter writer(context.format, Shape::kMany, JobColumns(),
                      context.terminal.out);
  for (const v1::Job* job : jobs) writer.Add(*job, {JobCells(*job)});
  return writer.Finish();
}

absl::StatusOr<v1::Job> ReadJob(CommandContext& context,
                                const std::string& job_id) {
  v1::GetJobRequest request;
  request.set_job_id(job_id);
  ASSIGN_OR_RETURN(auto response,
                   context.client.GetJob(request, context.terminal.stop));
  return std::move(*response.mutable_job());
}

// Whether the person at the terminal says yes to what is about to be done with
// `job`.
absl::StatusOr<bool> Confirm(CommandContext& context, const v1::Job& job,
                             const std::string& question) {
  Terminal& terminal = context.terminal;
  if (!terminal.can_ask) {
    return absl::InvalidArgumentError(
        "nobody can be asked here; --yes decides without asking");
  }
  RecordWriter writer(OutputFormat::kText, Shape::kOne, JobColumns(),
                      terminal.err);
  writer.Add(job, {JobCells(job)});
  RETURN_IF_ERROR(writer.Finish());
  terminal.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(terminal.in, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  if (answer == "y" || answer == "yes") return true;
  terminal.err << "nothing was done" << std::endl;
  return false;
}

absl::StatusOr<int64_t> Millicredits(double credits) {
  if (credits >= 0 && credits <= kMostCredits) {
    return static_cast<int64_t>(std::llround(credits * 1000));
  }
  return absl::InvalidArgumentError("--max-credits is a number from 0");
}

}  // namespace

absl::StatusOr<ExitCode> ListJobsCommand(CommandContext& context,
                                         const JobListFlags& flags) {
  RecordWriter writer(context.format, Shape::kMany, JobColumns(),
                      context.terminal.out);
  v1::ListJobsRequest request;
  request.set_provider(flags.provider);
  request.set_all_open(flags.all);
  int64_t printed = 0;
  do {
    request.set_page_size(PageSize(flags.limit, printed));
    ASSIGN_OR_RETURN(const auto response,
                     context.client.ListJobs(request, context.terminal.stop));
    for (const v1::Job& job : response.jobs()) {
      writer.Add(job, {JobCells(job)});
      ++printed;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() &&
           (flags.limit == 0 || printed < flags.limit));
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ApproveJobCommand(CommandContext& context,
                                           const JobDecisionFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Job job, ReadJob(context, flags.job_id));
  int64_t most = job.exposure_millicredits();
  if (flags.max_credits.has_value()) {
    ASSIGN_OR_RETURN(most, Millicredits(*flags.max_credits));
  }
  if (!flags.yes) {
    ASSIGN_OR_RETURN(
        const bool approved,
        Confirm(context, job,
                absl::StrCat("Send it again, for at most ", FormatCredits(most),
                             " credits? It may have been paid already.")));
    if (!approved) return ExitCode::kFailed;
  }
  v1::ApproveResendRequest request;
  request.set_job_id(flags.job_id);
  request.set_max_millicredits(most);
  request.set_decided_by(flags.decided_by);
  request.set_note(flags.note);
  ASSIGN_OR_RETURN(const auto response, context.client.ApproveResend(
                                            request, context.terminal.stop));
  RETURN_IF_ERROR(PrintJobs(context, {&response.job(), &response.resend()}));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> AbandonJobCommand(CommandContext& context,
                                           const JobDecisionFlags& flags) {
  if (!flags.yes) {
    ASSIGN_OR_RETURN(const v1::Job job, ReadJob(context, flags.job_id));
    ASSIGN_OR_RETURN(const bool approved,
                     Confirm(context, job,
                             "Give it up? Its lookups stay unknown, and it "
                             "cannot be sent again."));
    if (!approved) return ExitCode::kFailed;
  }
  v1::AbandonJobRequest request;
  request.set_job_id(flags.job_id);
  request.set_decided_by(flags.decided_by);
  request.set_note(flags.note);
  ASSIGN_OR_RETURN(const auto response,
                   context.client.AbandonJob(request, context.terminal.stop));
  RETURN_IF_ERROR(PrintJobs(context, {&response.job()}));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ListAuditCommand(CommandContext& context,
                                          int64_t limit) {
  RecordWriter writer(context.format, Shape::kMany, AuditColumns(),
                      context.terminal.out);
  v1::ListAuditEntriesRequest request;
  int64_t printed = 0;
  do {
    request.set_page_size(PageSize(limit, printed));
    ASSIGN_OR_RETURN(const auto response, context.client.ListAuditEntries(
                                              request, context.terminal.stop));
    for (const v1::AuditEntry& entry : response.entries()) {
      writer.Add(entry, {AuditCells(entry)});
      ++printed;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || printed < limit));
  RETURN_IF_ERROR(writer.Finish());
  return ExitCode::kDone;
}

}  // namespace enrich::cli
