#include "cli/dry_run.h"

#include <google/protobuf/util/time_util.h>

#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/batch_source.h"
#include "cli/contact_violations.h"
#include "cli/enrich_files.h"
#include "cli/progress.h"
#include "cli/result_columns.h"

namespace enrich::cli {
namespace {

absl::Status PrintPlan(const v1::Plan& plan, OutputFormat format,
                       std::ostream& out) {
  RecordWriter writer(
      format, Shape::kOne,
      {"provider", "operation", "lookups", "requests", "max_credits"}, out);
  std::vector<std::vector<std::string>> rows;
  for (const v1::PlannedStep& step : plan.steps()) {
    rows.push_back({step.provider(), step.operation(),
                    absl::StrCat(step.lookups()), absl::StrCat(step.requests()),
                    FormatCredits(step.max_millicredits())});
  }
  writer.Add(plan, std::move(rows));
  return writer.Finish();
}

// Millionths of the currency unit: 1230000 is "1.23".
std::string FormatMoney(int64_t micros) {
  std::string text = absl::StrFormat("%.6f", static_cast<double>(micros) / 1e6);
  // Two decimals stay.
  while (text.back() == '0' && text[text.size() - 3] != '.') text.pop_back();
  return text;
}

// A sum with an unknown part is unknown.
void AddCost(const v1::Plan& plan, v1::Plan& total) {
  const bool first = !total.has_max_duration();
  if (plan.has_max_cost_micros() && (first || total.has_max_cost_micros())) {
    total.set_max_cost_micros(total.max_cost_micros() + plan.max_cost_micros());
  } else {
    total.clear_max_cost_micros();
  }
}

std::string Summary(const DryRunTotals& totals) {
  const int64_t seconds = totals.plan.max_duration().seconds();
  std::string text = absl::StrCat(
      WithThousands(totals.contacts), " contacts in ",
      WithThousands(totals.batches), " batches; at worst as above and ",
      FormatSpan(absl::Seconds(seconds)), "; nothing was bought\n");
  if (totals.plan.has_max_cost_micros()) {
    absl::StrAppend(&text, "  at worst ",
                    FormatMoney(totals.plan.max_cost_micros()), " in money\n");
  }
  if (totals.plan.over_ceilings_size() > 0) {
    absl::StrAppend(&text, "  over the ceiling: ",
                    absl::StrJoin(totals.plan.over_ceilings(), ", "),
                    "; lookups beyond it are not sent\n");
  }
  if (totals.invalid_contacts > 0) {
    absl::StrAppend(&text, "  invalid input: at least ",
                    WithThousands(totals.invalid_contacts), " contacts\n");
  }
  return text;
}

absl::Status AddBatch(const InputBatch& batch, const GatewaySession& session,
                      std::stop_token stop, DryRunTotals& totals) {
  SessionObserver unobserved;
  const auto response =
      session.Submit(batch.request, std::move(stop), unobserved);
  const auto contacts = static_cast<int64_t>(batch.rows.size());
  totals.contacts += contacts;
  ++totals.batches;
  if (!response.ok()) {
    if (!IsRefusedForContacts(response.status())) return response.status();
    totals.invalid_contacts += contacts;
    return absl::OkStatus();
  }
  std::set<int> invalid;
  for (const auto& violation : response->violations()) {
    invalid.insert(violation.contact_index());
  }
  totals.invalid_contacts += static_cast<int64_t>(invalid.size());
  AddPlan(response->plan(), totals.plan);
  return absl::OkStatus();
}

}  // namespace

void AddPlan(const v1::Plan& plan, v1::Plan& total) {
  for (const v1::PlannedStep& step : plan.steps()) {
    v1::PlannedStep* sum = nullptr;
    for (v1::PlannedStep& known : *total.mutable_steps()) {
      if (known.provider() == step.provider() &&
          known.operation() == step.operation()) {
        sum = &known;
      }
    }
    if (sum == nullptr) {
      *total.add_steps() = step;
      continue;
    }
    sum->set_lookups(sum->lookups() + step.lookups());
    sum->set_requests(sum->requests() + step.requests());
    sum->set_max_millicredits(sum->max_millicredits() +
                              step.max_millicredits());
  }
  AddCost(plan, total);
  for (const std::string& name : plan.over_ceilings()) {
    if (absl::c_find(total.over_ceilings(), name) ==
        total.over_ceilings().end()) {
      total.add_over_ceilings(name);
    }
  }
  using google::protobuf::operator+;
  *total.mutable_max_duration() = total.max_duration() + plan.max_duration();
}

absl::StatusOr<DryRunTotals> DryRun(const EnrichOptions& options,
                                    OutputFormat format,
                                    const GatewaySession& session,
                                    Terminal& terminal) {
  ASSIGN_OR_RETURN(const auto input,
                   EnrichInput::Open(options, terminal.in, terminal.stop));
  BatchSource source(input->rows(), options, input->contacts());
  DryRunTotals totals;
  while (true) {
    ASSIGN_OR_RETURN(std::optional<InputBatch> batch, source.Next());
    if (!batch.has_value()) break;
    batch->request.set_validate_only(true);
    RETURN_IF_ERROR(AddBatch(*batch, session, terminal.stop, totals));
  }
  RETURN_IF_ERROR(PrintPlan(totals.plan, format, terminal.out));
  if (!options.quiet) terminal.err << Summary(totals);
  return totals;
}

}  // namespace enrich::cli
