#ifndef ENRICH_SIMULATOR_PERSON_ORACLE_H_
#define ENRICH_SIMULATOR_PERSON_ORACLE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "simulator/endpoint.h"
#include "simulator/person_identity.h"

namespace enrich::simulator {

struct FoundEmail {
  std::string address = {};
  // DELIVERABLE, HIGH_PROBABILITY, CATCH_ALL or INVALID.
  absl::string_view status = "DELIVERABLE";
};

struct FoundPhone {
  std::string E164() const;

  // International, with spaces or dashes.
  std::string number = {};
  // ISO alpha-2.
  absl::string_view region = {};
};

// Whether FullEnrich charges nothing for this person, as it documents for
// fullenrich.com with the profile /in/demoge/.
bool IsFreeOfCharge(const PersonQuery& query);

// What one provider knows of a person.
struct Person {
  // False for a Notfound: there is no profile either.
  bool exists = true;
  std::string first_name = {};
  std::string last_name = {};
  std::string company_name = {};
  std::string domain = {};
  absl::string_view job_title = {};
  std::optional<FoundEmail> work_email = {};
  std::optional<FoundEmail> personal_email = {};
  std::optional<FoundPhone> mobile = {};
  std::optional<FoundPhone> landline = {};
};

// Invents people. The answer is a pure function of the seed, the provider and
// the identity asked for, whatever its spelling: case, accents and punctuation
// do not matter. Every provider gives the same values for the same person; they
// differ in whom they know.
//
// A work e-mail belongs to name and company, else to the LinkedIn profile; a
// phone and a personal e-mail to the profile, else to name and company.
//
//   share of people known     Enrow   FullEnrich   Pronto
//   work e-mail                60 %         70 %     65 %
//   mobile phone               40 %         45 %     50 %
//   landline                      -         15 %     10 %
//   personal e-mail               -         40 %     30 %
//
// One in ten work e-mails FullEnrich does not find is listed as INVALID, and
// one in ten personal e-mails Pronto does not find. Some last names decide the
// matter:
//
//   Notfound        nobody finds anything
//   Found           everybody finds everything
//   Onlyenrow       as Found, at Enrow alone
//   Onlyfullenrich  as Found, at FullEnrich alone
//   Onlypronto      as Found, at Pronto alone
//   Catchall        the work e-mail is found everywhere, CATCH_ALL
//   Invalid         FullEnrich lists an INVALID work e-mail, Pronto such a
//                   personal one; nothing else
//   Landline        all but Enrow find a landline; nothing else
//
// FullEnrich documents one contact of its own team, asked for by domain and
// profile, that costs nothing; it finds everything of it. See IsFreeOfCharge.
//
// All phone numbers are from ranges set aside for fiction by the regulators of
// the US, Germany, Sweden, Australia, France and the United Kingdom, and are
// valid by their numbering plans. Personal e-mails are under mail.example.
class PersonOracle {
 public:
  explicit PersonOracle(uint64_t seed) : seed_(seed) {}

  Person Find(Provider provider, const PersonQuery& query) const;

  // The verdict of a verification: four in five addresses are good. One whose
  // local part ends in "notfound" or "invalid" is not.
  bool IsDeliverable(absl::string_view email) const;

  // Whose address this is; known for half of them.
  std::optional<Person> FindByEmail(absl::string_view email) const;

  // A number in [0, bound) that depends on the seed and `text` alone.
  uint64_t Draw(absl::string_view text, absl::string_view salt,
                uint64_t bound) const;

 private:
  const uint64_t seed_;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PERSON_ORACLE_H_
