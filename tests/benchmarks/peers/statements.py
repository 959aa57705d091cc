"""The SQL statements of the limit, written by hand and without optimization."""

_INTERVIEW = (
    "id_interview, employee_id, user_name AS employee_name, language, technical_level, status, started_at, "
    "completed_at, total_messages"
)

INTERVIEW = f"SELECT {_INTERVIEW} FROM interview WHERE id_interview = $1"

MESSAGES = (
    "SELECT id_message, role, content, sequence_number, created_at FROM interview_message "
    "WHERE interview_id = $1 ORDER BY sequence_number"
)

PAGE = (
    f"SELECT {_INTERVIEW} FROM interview WHERE organization_id = $1 AND employee_id = $2 "
    "ORDER BY started_at DESC, id_interview DESC LIMIT $3 OFFSET $4"
)

COUNT = "SELECT count(*) FROM interview WHERE organization_id = $1 AND employee_id = $2"

INSERT_INTERVIEW = (
    "INSERT INTO interview (id_interview, employee_id, organization_id, user_name, organization_name, roles, language, "
    "technical_level, status, total_messages, started_at, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, 'unknown', 'in_progress', 1, $8, $8, $8)"
)

INSERT_QUESTION = (
    "INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at) "
    "VALUES ($1, $2, 'assistant', $3, 1, $4)"
)

OPEN_TURN = "SELECT user_name, language, status, total_messages FROM interview WHERE id_interview = $1"

HISTORY = "SELECT role, content FROM interview_message WHERE interview_id = $1 ORDER BY sequence_number DESC LIMIT 100"

LOCK = "SELECT status, completed_at, total_messages FROM interview WHERE id_interview = $1 FOR NO KEY UPDATE"

INSERT_TURN = (
    "INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at) "
    "VALUES ($1, $3, 'user', $4, $6, $8), ($2, $3, 'assistant', $5, $7, $8)"
)

ADVANCE = (
    "UPDATE interview SET total_messages = $2, status = $3, completed_at = $4, updated_at = $5 WHERE id_interview = $1"
)

CHANGE = (
    "UPDATE interview SET status = $2, completed_at = $3, updated_at = $4 WHERE id_interview = $1 "
    f"RETURNING {_INTERVIEW}"
)

EXPORT = (
    "SELECT employee_id, user_name, organization_name, roles, language, technical_level, status, total_messages, "
    "started_at, completed_at FROM interview WHERE id_interview = $1"
)
EXPORTED_MESSAGES = (
    "SELECT role, content, created_at AS timestamp FROM interview_message "
    "WHERE interview_id = $1 ORDER BY sequence_number"
)
