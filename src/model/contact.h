#ifndef ENRICH_MODEL_CONTACT_H_
#define ENRICH_MODEL_CONTACT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/field.h"

namespace enrich {

// One person as the caller knows them, checked and normalised: trimmed, valid
// UTF-8, `company_domain` a lower-case ASCII host, `linkedin_url` canonical.
// Has no operator<<: contact data is not logged.
struct Contact {
  std::string contact_ref = {};
  std::string first_name = {};
  std::string last_name = {};
  std::string full_name = {};
  std::string company_name = {};
  std::string company_domain = {};
  std::string linkedin_url = {};
  std::string email = {};
  // Requested fields, in request order, without repeats.
  std::vector<ContactField> fields = {};
  // The caller's own data, in key order. Stays with us.
  std::vector<std::pair<std::string, std::string>> custom = {};

  // `full_name`, or first and last name joined by a space.
  std::string DisplayName() const;
  // `first_name` and `last_name`; a lone `full_name` is split at its first
  // space. The last name is empty when there is just one word.
  std::pair<std::string, std::string> SplitName() const;
  bool HasCompany() const {
    return !company_domain.empty() || !company_name.empty();
  }
  bool HasName() const {
    return !full_name.empty() || (!first_name.empty() && !last_name.empty());
  }
  FieldSet field_set() const;
};

// Limits of the API, in bytes unless they say otherwise. Documented in
// contact.proto; keep the two alike.
struct ContactLimits {
  static constexpr int kContactRef = 128;
  static constexpr int kName = 100;
  static constexpr int kFullName = 200;
  static constexpr int kCompanyName = 200;
  static constexpr int kDomain = 253;
  static constexpr int kLinkedinUrl = 500;
  static constexpr int kEmail = 254;
  static constexpr int kCustomEntries = 20;
  static constexpr int kCustomKey = 64;
  static constexpr int kCustomValue = 512;
};

// What is wrong with one field of a contact.
struct Violation {
  // Path within the contact.
  std::string field = {};
  // Names the limit; never the value.
  std::string description = {};
};

// Trims and normalises `contact` in place and returns what is wrong with it,
// empty when nothing is. REQUIRES: the strings are valid UTF-8.
std::vector<Violation> NormalizeContact(Contact& contact);

}  // namespace enrich

#endif  // ENRICH_MODEL_CONTACT_H_
