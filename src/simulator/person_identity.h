#ifndef ENRICH_SIMULATOR_PERSON_IDENTITY_H_
#define ENRICH_SIMULATOR_PERSON_IDENTITY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace enrich::simulator {

// What a request says of a person, as received.
struct PersonQuery {
  std::string first_name = {};
  std::string last_name = {};
  // Instead of the two above.
  std::string full_name = {};
  std::string domain = {};
  std::string company_name = {};
  std::string linkedin_url = {};
};

// A person as the oracle sees them: folded.
struct PersonIdentity {
  std::string first = {};
  std::string last = {};
  // ASCII; never empty.
  std::string domain = {};
  std::string company_name = {};
  // What the work e-mail, and what everything else, depends on.
  std::string work_key = {};
  std::string private_key = {};
};

PersonIdentity Identify(const PersonQuery& query);

// Empty without a company. Always a domain otherwise: Enrow takes anything.
std::string DomainOf(const PersonQuery& query);

// The id of a profile URL; empty for anything else.
absl::string_view ProfileId(absl::string_view url);

// The ASCII letters, digits and inner dashes of a folded text.
std::string AsciiOf(absl::string_view folded, absl::string_view fallback);

// A folded text as people write it.
std::string Capitalized(absl::string_view folded);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PERSON_IDENTITY_H_
