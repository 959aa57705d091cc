"""Hold an interview with the generated client and its types: python interview.py [URL].

The client is generated from the contract of the running service; see ../README.md for the command.
"""

import sys
from typing import TypeVar

from interviews_client import AuthenticatedClient, Client
from interviews_client.api.authentication import login
from interviews_client.api.interviews import continue_interview, export_interview, get_interview, start_interview
from interviews_client.models import (
    ContinueInterviewResponse200,
    ContinueRequest,
    Export,
    ExportInterviewResponse200,
    ExportRequest,
    GetInterviewResponse200,
    Language,
    LoginRequest,
    LoginResponse200,
    StartInterviewResponse200,
    StartRequest,
)

ANSWERS = ("I buy steel for the plant.", "I compare three offers, and then I order.")

Response = TypeVar("Response")


def expect(response: object, kind: type[Response]) -> Response:
    """Return a successful response of this kind. Exit with the error response otherwise."""
    if isinstance(response, kind):
        return response
    raise SystemExit(f"error response: {response}")


def hold_interview(url: str, email: str, password: str) -> Export:
    """Log in, start an interview, answer twice, and read and export it. url: of the service, without a path."""
    credentials = LoginRequest(email=email, password=password)
    token = expect(login.sync(client=Client(base_url=url), body=credentials), LoginResponse200).data.token
    with AuthenticatedClient(base_url=url, token=token) as api:
        started = expect(start_interview.sync(client=api, body=StartRequest(Language.EN)), StartInterviewResponse200)
        interview_id, question, number = started.data.interview_id, started.data.question, 1
        for text in ANSWERS:
            print(f"{number}. {question}\n   {text}")
            body = ContinueRequest(interview_id=interview_id, user_response=text, question_number=number)
            turn = expect(continue_interview.sync(client=api, body=body), ContinueInterviewResponse200).data
            question, number = turn.question, turn.question_number
        read = expect(get_interview.sync(interview_id, client=api), GetInterviewResponse200).data
        exported = export_interview.sync(client=api, body=ExportRequest(interview_id=interview_id))
        print(f"{read.status}: {len(read.messages)} messages")
        return expect(exported, ExportInterviewResponse200).data


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    export = hold_interview(address, "user@example.com", "user123")
    print(f"exported for {export.user_name}: {export.total_questions} questions, {export.total_user_responses} answers")
