#ifndef ENRICH_MODEL_FIELD_H_
#define ENRICH_MODEL_FIELD_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace enrich {

// What can be looked up. The numbers are those of the API and are stored.
enum class ContactField : uint8_t {
  kWorkEmail = 1,
  kPhone = 2,
  kPersonalEmail = 3,
  // Not found but judged: the contact's own `email`.
  kEmailVerification = 4,
};

inline constexpr std::array<ContactField, 4> kAllContactFields = {
    ContactField::kWorkEmail, ContactField::kPhone,
    ContactField::kPersonalEmail, ContactField::kEmailVerification};

// "work_email", "phone", "personal_email", "email_verification": the spelling
// of configuration, logs and the command line.
absl::string_view FieldName(ContactField field);

// A set of fields in one byte. Stored.
class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr FieldSet(ContactField field)  // NOLINT: a field is a set of one.
      : bits_(Bit(field)) {}
  static constexpr FieldSet FromBits(uint8_t bits) {
    FieldSet set;
    set.bits_ = bits;
    return set;
  }

  constexpr uint8_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool Has(ContactField field) const { return bits_ & Bit(field); }
  constexpr bool HasAll(FieldSet other) const {
    return (bits_ & other.bits_) == other.bits_;
  }
  constexpr int size() const { return __builtin_popcount(bits_); }

  constexpr FieldSet operator|(FieldSet other) const {
    return FromBits(bits_ | other.bits_);
  }
  constexpr FieldSet operator&(FieldSet other) const {
    return FromBits(bits_ & other.bits_);
  }
  // Set difference.
  constexpr FieldSet operator-(FieldSet other) const {
    return FromBits(static_cast<uint8_t>(bits_ & ~other.bits_));
  }
  FieldSet& operator|=(FieldSet other) { return *this = *this | other; }
  FieldSet& operator-=(FieldSet other) { return *this = *this - other; }
  constexpr bool operator==(const FieldSet&) const = default;

 private:
  static constexpr uint8_t Bit(ContactField field) {
    return static_cast<uint8_t>(1u << static_cast<uint8_t>(field));
  }
  uint8_t bits_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_MODEL_FIELD_H_
