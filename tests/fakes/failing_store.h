#ifndef ENRICH_TESTS_FAKES_FAILING_STORE_H_
#define ENRICH_TESTS_FAKES_FAILING_STORE_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fakes/delegating_store.h"

namespace enrich {

// A store whose changes and reads fail while the test wants them to; everything
// else is done by another store.
class FailingStore final : public DelegatingStore {
 public:
  explicit FailingStore(std::unique_ptr<Store> store)
      : DelegatingStore(std::move(store)) {}

  // What Apply and ReadContacts fail with; OK for not at all.
  absl::Status apply_error = absl::OkStatus();
  absl::Status read_error = absl::OkStatus();

  void Apply(Write write, StoreCallback<Written> done) override {
    if (!apply_error.ok()) return done(apply_error);
    DelegatingStore::Apply(std::move(write), std::move(done));
  }
  absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) override {
    if (!read_error.ok()) return read_error;
    return DelegatingStore::ReadContacts(contact_keys);
  }
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAILING_STORE_H_
