#ifndef ENRICH_SIMULATOR_ENROW_REQUEST_H_
#define ENRICH_SIMULATOR_ENROW_REQUEST_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "http/http_message.h"
#include "simulator/ledger.h"
#include "simulator/person_oracle.h"

namespace enrich::simulator {

enum class EnrowSearch : uint8_t { kEmail, kVerify, kPhone };

// One path of Enrow's: POST starts a job, GET reads it.
struct EnrowEndpoint {
  absl::string_view path;
  EnrowSearch search;
  bool bulk;
  // Of an accepted POST.
  int created_status;
  size_t max_items;
  // Of the accepting answer, and of the webhook.
  absl::string_view message;
  absl::string_view event;
};

// Null for an unknown path.
const EnrowEndpoint* FindEnrowEndpoint(absl::string_view path);

struct EnrowItem {
  PersonQuery person = {};
  // For a verification.
  std::string email = {};
  // As received, JSON; `custom` is empty when absent.
  std::string custom = {};
  std::string params = {};
};

struct EnrowRequest {
  // One for a single search.
  std::vector<EnrowItem> items = {};
  // Of the batch; JSON, empty when absent.
  std::string custom = {};
  std::string webhook = {};
};

// Reads the body of a POST; a body Enrow refuses gives the refusal. `document`
// is `body`, parsed.
std::variant<EnrowRequest, HttpResponse> ReadEnrowRequest(
    const EnrowEndpoint& endpoint, absl::string_view body,
    const absl::StatusOr<json::Document>& document);

// Fills in reference, keys, lookups and callback, whether the body would be
// refused or not.
void DescribeEnrowRequest(const EnrowEndpoint& endpoint,
                          const json::Value& root, Submission& out);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_ENROW_REQUEST_H_
