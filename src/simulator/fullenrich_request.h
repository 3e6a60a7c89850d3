#ifndef ENRICH_SIMULATOR_FULLENRICH_REQUEST_H_
#define ENRICH_SIMULATOR_FULLENRICH_REQUEST_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "http/http_message.h"
#include "model/field.h"
#include "simulator/ledger.h"
#include "simulator/person_oracle.h"

namespace enrich::simulator {

enum class FullEnrichJobKind : uint8_t { kEnrich, kReverseEmail };

struct FullEnrichContact {
  PersonQuery person = {};
  FieldSet fields = {};
  // For a reverse lookup.
  std::string email = {};
  // As received, JSON; empty when absent.
  std::string custom = {};
  // Invalid, let pass by silentFail: comes back without data.
  bool skipped = false;
};

struct FullEnrichRequest {
  FullEnrichJobKind kind = FullEnrichJobKind::kEnrich;
  std::string name = {};
  std::string batch_url = {};
  std::string contact_url = {};
  std::vector<FullEnrichContact> contacts = {};
};

// FullEnrich's error body.
HttpResponse FullEnrichError(int status, absl::string_view code,
                             absl::string_view message);

// Reads the body of a POST; a body FullEnrich refuses gives the refusal.
//
// Where the documentation is silent: more than 100 contacts is
// error.enrichment.data.exceeded, a custom value that is no string
// error.enrichment.custom.value.type, a body that is no JSON object
// error.body.invalid. silentFail excuses a contact's identity and fields, not
// its `custom`.
std::variant<FullEnrichRequest, HttpResponse> ReadFullEnrichRequest(
    FullEnrichJobKind kind, const json::Value& root, bool silent_fail);

// Fills in reference, keys, lookups and callbacks, whether the body would be
// refused or not.
void DescribeFullEnrichRequest(const json::Value& root, Submission& out);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_FULLENRICH_REQUEST_H_
