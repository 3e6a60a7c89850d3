#ifndef ENRICH_MODEL_FUNDS_H_
#define ENRICH_MODEL_FUNDS_H_

#include <array>

#include "model/credits.h"
#include "model/field.h"

namespace enrich {

// What became of credits of a provider account. At any moment
//
//   authorised = reserved + spent + released + exposed
//
// and no amount is negative. Also used for changes, whose amounts may be.
struct Funds {
  // Ever set aside for requests.
  Credits authorised = {};
  // Set aside for what is being asked.
  Credits reserved = {};
  // Charged, as far as the provider has told.
  Credits spent = {};
  // Set aside and not needed: not found, cheaper, never sent.
  Credits released = {};
  // Set aside for requests in doubt: they may have been charged.
  Credits exposed = {};

  // What may be charged at most, as things stand.
  Credits used() const { return spent + reserved + exposed; }
  bool Balanced() const;

  Funds& operator+=(const Funds& change);
  bool operator==(const Funds&) const = default;
};

// The most that one contact can cost, field by field.
class FieldPrices {
 public:
  void Set(ContactField field, Credits price) {
    prices_[static_cast<size_t>(field)] = price;
  }
  Credits Of(FieldSet fields) const {
    Credits sum;
    for (const ContactField field : kAllContactFields) {
      if (fields.Has(field)) sum += prices_[static_cast<size_t>(field)];
    }
    return sum;
  }
  bool operator==(const FieldPrices&) const = default;

 private:
  // Indexed by ContactField.
  std::array<Credits, kAllContactFields.size() + 1> prices_ = {};
};

}  // namespace enrich

#endif  // ENRICH_MODEL_FUNDS_H_
