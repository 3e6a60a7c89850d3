#include "model/identity.h"

#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "base/crypto.h"
#include "base/text.h"

namespace enrich {
namespace {

// Every part ends with a byte that no UTF-8 text has, so that no two lists of
// parts read the same.
constexpr char kEnd = '\xFF';

void AddPart(absl::string_view part, std::string& out) {
  out.append(part.data(), part.size());
  out.push_back(kEnd);
}

// First and last names are what every request is made of, with this one bit: a
// lone first name is no name, a full name of one word is.
void AddName(const Contact& contact, std::string& out) {
  const auto [first, last] = contact.SplitName();
  AddPart(contact.HasName() ? "name" : "", out);
  AddPart(FoldText(first), out);
  AddPart(FoldText(last), out);
}

}  // namespace

Identity IdentityOf(absl::string_view tenant, const Contact& contact) {
  std::string text;
  text.reserve(256);
  AddPart(tenant, text);
  AddName(contact, text);
  AddPart(FoldText(contact.company_name), text);
  AddPart(contact.company_domain, text);
  AddPart(contact.linkedin_url, text);
  AddPart(contact.email, text);
  const std::string hash = Sha256(text);
  Identity identity;
  std::memcpy(&identity.high, hash.data(), sizeof(identity.high));
  std::memcpy(&identity.low, hash.data() + sizeof(identity.high),
              sizeof(identity.low));
  return identity;
}

}  // namespace enrich
