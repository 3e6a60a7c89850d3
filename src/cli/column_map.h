#ifndef ENRICH_CLI_COLUMN_MAP_H_
#define ENRICH_CLI_COLUMN_MAP_H_

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "enrich/v1/contact.pb.h"

namespace enrich::cli {

// What a column can tell about a contact.
enum class InputField {
  kFirstName,
  kLastName,
  kFullName,
  kCompanyName,
  kCompanyDomain,
  kLinkedinUrl,
  kEmail,
};
constexpr size_t kInputFields = 7;

// A header's meaning and how good a spelling it is (0 is best).
struct HeaderMatch {
  InputField field = {};
  size_t rank = 0;
};

// Recognises the usual spellings of a header in several languages; case,
// accents and punctuation do not matter.
std::optional<HeaderMatch> MatchHeader(absl::string_view header);

// The name of a field in the API, such as `first_name`, and back.
absl::string_view InputFieldName(InputField field);
std::optional<InputField> ParseInputField(absl::string_view name);

// Column names by field, as given with --map; they win over recognition.
using ColumnOverrides = std::map<InputField, std::string>;

// Parses `field=Column`. INVALID_ARGUMENT for anything else.
absl::StatusOr<ColumnOverrides> ParseColumnOverrides(
    absl::Span<const std::string> texts);

// Which cells of a row make up the contact.
class ColumnMap {
 public:
  ColumnMap() = default;
  ColumnMap(absl::Span<const std::string> columns,
            const ColumnOverrides& overrides);

  // INVALID_ARGUMENT unless every override names a column and the columns can
  // identify somebody: where `email_identifies`, by an address alone.
  absl::Status Check(const ColumnOverrides& overrides,
                     bool email_identifies) const;

  // Fills all of `contact` but its ref. Of several columns for one field the
  // best spelling that is not empty counts. First and last name win over the
  // full name if both are there; the API takes one spelling only.
  void Fill(absl::Span<const std::string> cells, v1::Contact& contact) const;

 private:
  bool Has(InputField field) const {
    return !columns_[static_cast<size_t>(field)].empty();
  }
  std::string Text(InputField field, absl::Span<const std::string> cells) const;

  // Cell positions by field, best first.
  std::array<std::vector<size_t>, kInputFields> columns_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_COLUMN_MAP_H_
