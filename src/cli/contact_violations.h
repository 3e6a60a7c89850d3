#ifndef ENRICH_CLI_CONTACT_VIOLATIONS_H_
#define ENRICH_CLI_CONTACT_VIOLATIONS_H_

#include <vector>

#include "absl/status/status.h"
#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::cli {

// Whether EnrichBatch refused a batch for its contacts alone: not one of them
// is valid.
bool IsRefusedForContacts(const absl::Status& status);

// The results that the contacts of such a batch would have had, in order.
std::vector<v1::ContactResult> InvalidResults(
    const v1::EnrichBatchRequest& request, const absl::Status& status);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_CONTACT_VIOLATIONS_H_
