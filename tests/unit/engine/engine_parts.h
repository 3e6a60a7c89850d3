#ifndef ENRICH_TESTS_UNIT_ENGINE_ENGINE_PARTS_H_
#define ENRICH_TESTS_UNIT_ENGINE_ENGINE_PARTS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/account.h"
#include "fakes/fake_adapter.h"
#include "model/batch.h"
#include "model/contact.h"
#include "model/result.h"

namespace enrich {

// Accounts at simple providers, by name and what they can do.
inline Accounts MakeAccounts(
    std::vector<std::pair<std::string, Capabilities>> described) {
  std::vector<Account> accounts;
  for (auto& [name, capabilities] : described) {
    accounts.push_back(
        {name, std::make_unique<FakeAdapter>(name, std::move(capabilities))});
  }
  return Accounts(std::move(accounts));
}

// Accounts "alpha" and "beta" that look up everything.
inline Accounts AlphaAndBeta() {
  return MakeAccounts(
      {{"alpha", FakeAdapter::Simple()}, {"beta", FakeAdapter::Simple()}});
}

// Capabilities with an operation of its own for each field.
inline Capabilities OneOperationPerField() {
  Capabilities capabilities = FakeAdapter::Simple();
  const OperationSpec all = capabilities.operations[0];
  capabilities.operations.clear();
  for (const ContactField field : kAllContactFields) {
    OperationSpec one = all;
    one.name = std::string(FieldName(field));
    one.fields = field;
    capabilities.operations.push_back(std::move(one));
  }
  return capabilities;
}

// The same accounts for every field.
inline std::vector<Waterfall> WaterfallsOf(std::vector<std::string> accounts) {
  std::vector<Waterfall> waterfalls;
  for (const ContactField field : kAllContactFields) {
    waterfalls.push_back({.field = field, .accounts = accounts});
  }
  return waterfalls;
}

inline Contact MakePerson(std::vector<ContactField> fields,
                          std::string ref = "ada") {
  return {.contact_ref = std::move(ref),
          .first_name = "Ada",
          .last_name = "Example",
          .company_domain = "acme.example",
          .fields = std::move(fields)};
}

inline FieldAnswer FoundEmail(std::string address,
                              EmailQuality quality = EmailQuality::kDeliverable,
                              ContactField field = ContactField::kWorkEmail) {
  return {.field = field,
          .outcome = Outcome::kFound,
          .emails = {{.address = std::move(address), .quality = quality}},
          .credits = Credits::Whole(1)};
}

inline FieldAnswer FoundPhone(std::string e164) {
  return {.field = ContactField::kPhone,
          .outcome = Outcome::kFound,
          .phones = {{.e164 = e164, .provider_spelling = e164}},
          .credits = Credits::Whole(10)};
}

}  // namespace enrich

#endif  // ENRICH_TESTS_UNIT_ENGINE_ENGINE_PARTS_H_
