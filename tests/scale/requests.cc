#include "scale/requests.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bench/payloads.h"

namespace enrich::scale {
namespace {

// Sizes take turns: 1,123 contacts in seven requests.
constexpr int64_t kSizes[] = {1, 10, 1, 100, 1, 10, 1000};
constexpr int64_t kRound = 1123;
constexpr int64_t kAccounts = 4;

// Contacts in the requests before `number`.
int64_t ContactsBefore(int64_t number) {
  int64_t contacts = number / static_cast<int64_t>(std::size(kSizes)) * kRound;
  for (int64_t i = 0; i < number % static_cast<int64_t>(std::size(kSizes)); ++i)
    contacts += kSizes[i];
  return contacts;
}

v1::EnrichBatchRequest MakeMixed(int64_t first, int64_t number) {
  const int64_t size = kSizes[static_cast<size_t>(number) % std::size(kSizes)];
  // Every fifth asks for those of a round before.
  const int64_t begin = ContactsBefore(number);
  const bool again = number % 5 == 4 && begin >= kRound;
  v1::EnrichBatchRequest request =
      bench::MakeRequest(first + begin - (again ? kRound : 0), size);
  if (number % 5 == 3) request.add_fields(v1::CONTACT_FIELD_PHONE);
  request.set_include_raw_items(number % 6 == 5);
  request.add_providers("enrow");
  request.add_providers(absl::StrCat("fullenrich-", number % kAccounts));
  if (size > 1) {
    v1::Contact& invalid = *request.mutable_contacts(0);
    invalid.clear_last_name();
    invalid.clear_linkedin_url();
  }
  return request;
}

}  // namespace

v1::EnrichBatchRequest MakeRequest(const RequestPlan& plan, int64_t number,
                                   int64_t most) {
  if (plan.mixed) return MakeMixed(plan.first, number);
  return bench::MakeRequest(plan.first + number * plan.batch,
                            std::min(plan.batch, most));
}

}  // namespace enrich::scale
