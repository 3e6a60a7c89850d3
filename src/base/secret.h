#ifndef ENRICH_BASE_SECRET_H_
#define ENRICH_BASE_SECRET_H_

#include <string>
#include <utility>

namespace enrich {

// A string that cannot be logged or compared by accident: it has no operator<<
// and no implicit conversion.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // The value, for the one place that sends or verifies it.
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace enrich

#endif  // ENRICH_BASE_SECRET_H_
