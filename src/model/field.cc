#include "model/field.h"

namespace enrich {

absl::string_view FieldName(ContactField field) {
  switch (field) {
    case ContactField::kWorkEmail:
      return "work_email";
    case ContactField::kPhone:
      return "phone";
    case ContactField::kPersonalEmail:
      return "personal_email";
    case ContactField::kEmailVerification:
      return "email_verification";
  }
  return "";
}

}  // namespace enrich
