#ifndef ENRICH_ENGINE_ACCOUNT_H_
#define ENRICH_ENGINE_ACCOUNT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "provider/account_config.h"
#include "provider/adapter.h"

namespace enrich {

// A provider account work can be sent to.
struct Account {
  // Unique; what waterfalls and results name.
  std::string name = {};
  std::unique_ptr<ProviderAdapter> adapter = {};
  // Whether the gateway has an address where providers can push to it.
  bool has_push_address = true;
  DoubtOptions doubt = {};
  // What a credit costs, in millionths of the currency unit, where it is
  // configured.
  std::optional<int64_t> micros_per_credit = {};
};

// The configured accounts. Immutable, thus safe from any thread.
class Accounts {
 public:
  explicit Accounts(std::vector<Account> accounts)
      : accounts_(std::move(accounts)) {}

  // Null when there is none of that name.
  const Account* Find(absl::string_view name) const {
    for (const Account& account : accounts_) {
      if (account.name == name) return &account;
    }
    return nullptr;
  }

  const std::vector<Account>& all() const { return accounts_; }

 private:
  std::vector<Account> accounts_;
};

// Most contacts one request of the account may have; 0 when nothing can be
// asked.
inline int MaxContacts(const Account& account, const OperationSpec& operation) {
  return operation.MaxContacts(account.has_push_address);
}

// The operation of the account that looks up `field`, null when it has none
// that can be used.
inline const OperationSpec* OperationFor(const Account& account,
                                         ContactField field) {
  for (const OperationSpec& op : account.adapter->capabilities().operations) {
    if (op.fields.Has(field) && MaxContacts(account, op) > 0) return &op;
  }
  return nullptr;
}

}  // namespace enrich

#endif  // ENRICH_ENGINE_ACCOUNT_H_
