#ifndef ENRICH_CLI_REQUEST_ID_H_
#define ENRICH_CLI_REQUEST_ID_H_

#include <istream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::cli {

// The request id of a batch: a digest of its contacts, with their row numbers,
// and of what is asked about them. The same rows and options give the same id,
// in whatever file and on whatever day, so asking again buys nothing again.
// Another `run` gives another id: a wish to buy afresh. `request_id`,
// `validate_only` and `display_name` of `request` do not count.
std::string RequestIdOf(const v1::EnrichBatchRequest& request,
                        absl::string_view run);

// Identifies what `in` holds from here to its end, in flat memory, as 64
// hexadecimal digits. INTERNAL when it cannot be read.
absl::StatusOr<std::string> DigestOf(std::istream& in);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_REQUEST_ID_H_
