#ifndef ENRICH_ENGINE_ACCOUNT_H_
#define ENRICH_ENGINE_ACCOUNT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "provider/adapter.h"

namespace enrich {

// A provider account work can be sent to.
struct Account {
  // Unique; what waterfalls and results name.
  std::string name = {};
  std::unique_ptr<ProviderAdapter> adapter = {};
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

// The operation of the account that looks up `field`, null when it has none.
inline const OperationSpec* OperationFor(const Account& account,
                                         ContactField field) {
  for (const OperationSpec& op : account.adapter->capabilities().operations) {
    if (op.fields.Has(field)) return &op;
  }
  return nullptr;
}

}  // namespace enrich

#endif  // ENRICH_ENGINE_ACCOUNT_H_
