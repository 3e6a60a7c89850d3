#ifndef ENRICH_TESTS_BENCH_PAYLOADS_H_
#define ENRICH_TESTS_BENCH_PAYLOADS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "enrich/v1/enrichment_service.pb.h"

// What goes over the wire in the benchmarks: invented people of the sizes that
// real ones have.
namespace enrich::bench {

// A contact of about 150 bytes with the reference "r<index>".
v1::Contact MakeContact(int64_t index);

// A request for the work e-mails of contacts `first` .. `first + count - 1`.
v1::EnrichBatchRequest MakeRequest(int64_t first, int64_t count);

enum class BodyKind {
  // FullEnrich, about 700 bytes per contact: an address and a profile.
  kFullEnrich,
  // Likewise with a phone number.
  kFullEnrichPhone,
  // Enrow's bulk e-mail search, about 300 bytes per contact.
  kEnrow,
};

// A result with an item for each key of ours. `finished` is whether the job
// says that nothing follows.
std::string MakeBody(BodyKind kind, absl::string_view job_id, bool finished,
                     absl::Span<const std::string> keys);

// "ref.0" .. "ref.<count - 1>".
std::vector<std::string> MakeKeys(int count);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PAYLOADS_H_
