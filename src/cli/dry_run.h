#ifndef ENRICH_CLI_DRY_RUN_H_
#define ENRICH_CLI_DRY_RUN_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "cli/enrich_options.h"
#include "cli/gateway_session.h"
#include "cli/record_writer.h"
#include "cli/terminal.h"
#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::cli {

// What a run would do.
struct DryRunTotals {
  int64_t contacts = 0;
  // Contacts that break a rule; the gateway may list only some of them.
  int64_t invalid_contacts = 0;
  int64_t batches = 0;
  // The batches' plans added up: batches share the providers' limits, so their
  // times add up too.
  v1::Plan plan = {};
};

// Adds `plan` to `total`, step by step.
void AddPlan(const v1::Plan& plan, v1::Plan& total);

// Lets the gateway check every batch of the input, buys nothing and prints the
// plan on standard output and a summary on standard error. Errors as of
// EnrichJob::Run.
absl::StatusOr<DryRunTotals> DryRun(const EnrichOptions& options,
                                    OutputFormat format,
                                    const GatewaySession& session,
                                    Terminal& terminal);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_DRY_RUN_H_
