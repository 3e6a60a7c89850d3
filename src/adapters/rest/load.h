#ifndef ENRICH_ADAPTERS_REST_LOAD_H_
#define ENRICH_ADAPTERS_REST_LOAD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/rest/plan.h"
#include "provider/account_config.h"

namespace enrich::rest {

// A mistake in a provider file.
struct Mistake {
  // From 1; 0 when it is about the file as a whole, or about the account.
  int line = 0;
  // Such as `operations[0].submit.job`.
  std::string path = {};
  std::string text = {};
};

// A compiled file, or everything that is wrong with it.
struct LoadResult {
  // Null when there are mistakes.
  std::shared_ptr<const Plan> plan = {};
  std::vector<Mistake> mistakes = {};
};

// Compiles `text` for an account: its secrets, prices and limits. What the
// account lacks is a mistake too. Does no I/O.
LoadResult Load(absl::string_view text, const AccountConfig& account);

// The account that tools and fixtures use: every secret is its own name.
AccountConfig FixtureAccount(absl::string_view text);

// "file:line: path: text", a line for each.
std::string FormatMistakes(absl::string_view file,
                           const std::vector<Mistake>& mistakes);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_H_
