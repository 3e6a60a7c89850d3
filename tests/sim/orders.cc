#include "sim/orders.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/contact.h"
#include "sim/providers.h"

namespace enrich::sim {
namespace {

// Some last names decide what is found: see simulator/person_oracle.h.
constexpr const char* kLastNames[] = {
    "Lovelace", "Hopper",         "Turing",   "Notfound", "Found",
    "Catchall", "Onlyfullenrich", "Landline", "Invalid",  "Onlyenrow"};

std::string Letters(int64_t number) {
  std::string text;
  do {
    text.push_back(static_cast<char>('a' + number % 26));
    number /= 26;
  } while (number > 0);
  return text;
}

Contact DrawContact(World& world, const std::string& ref) {
  const auto name = static_cast<size_t>(
      world.Int(0, static_cast<int64_t>(std::size(kLastNames)) - 1));
  Contact contact = {
      .contact_ref = ref,
      .first_name = absl::StrCat("Q", ref),
      .last_name = kLastNames[name],
      .company_domain = absl::StrCat("c", world.Int(0, 5), ".example")};
  if (world.Chance(0.3)) {
    contact.linkedin_url = absl::StrCat("https://www.linkedin.com/in/", ref);
    // Not enough for everybody.
    if (world.Chance(0.5)) contact.company_domain.clear();
  }
  // For nobody.
  if (world.Chance(0.03)) {
    contact.linkedin_url.clear();
    contact.company_domain.clear();
  }
  // Breaks a rule.
  if (world.Chance(0.03)) contact.email = "no address";
  const auto fields = static_cast<uint64_t>(world.Int(1, 7));
  if (fields & 1) contact.fields.push_back(ContactField::kWorkEmail);
  if (fields & 2) contact.fields.push_back(ContactField::kPhone);
  if (fields & 4) contact.fields.push_back(ContactField::kPersonalEmail);
  return contact;
}

}  // namespace

Order DrawOrder(World& world, const std::string& tenant, int64_t number,
                double alike) {
  Order order = {.tenant = tenant,
                 .request_id = absl::StrCat(tenant, "-", number),
                 .include_raw_items = world.Chance(0.1)};
  const int64_t contacts =
      world.Chance(0.1) ? world.Int(40, 80) : world.Int(1, 20);
  for (int64_t i = 0; i < contacts; ++i) {
    CheckedContact checked = {
        .contact = DrawContact(
            world, absl::StrCat(tenant, Letters(number), "x", Letters(i)))};
    if (i > 0 && world.Chance(alike)) {
      const std::string ref = checked.contact.contact_ref;
      checked.contact =
          order.contacts[static_cast<size_t>(world.Int(0, i - 1))].contact;
      checked.contact.contact_ref = ref;
      world.Count("contact alike");
    }
    checked.violations = NormalizeContact(checked.contact);
    order.contacts.push_back(std::move(checked));
  }
  if (world.Chance(0.2)) order.providers = {"full", "enrow-b"};
  return order;
}

int MostAlike(const Order& order) {
  int most = 0;
  std::map<std::string, int> people;
  for (const CheckedContact& contact : order.contacts) {
    most = std::max(most, ++people[contact.contact.first_name]);
  }
  return most;
}

std::vector<std::string> DrawWaterfall(World& world) {
  // The one that has all fields.
  std::vector<std::string> names = {"full"};
  for (const SimAccount& account : Providers::Accounts()) {
    if (account.name == "full" || world.Chance(0.2)) continue;
    const auto place = world.Int(0, static_cast<int64_t>(names.size()));
    names.insert(names.begin() + place, account.name);
  }
  return names;
}

}  // namespace enrich::sim
