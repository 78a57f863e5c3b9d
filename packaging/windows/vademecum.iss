; Installer for Windows, for Inno Setup 6.3 or newer, after packaging\develop.py bundle has left dist\vademecum:
;   iscc /DVersion=VERSION packaging\windows\vademecum.iss      (packaging\develop.py installers calls it)
; Written with care and read again, but never run: the project's own machines are Linux.
;
; For one user (no administrator needed) or for all. Silent, for administrators:
;   vademecum-VERSION-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /ALLUSERS      (or /CURRENTUSER)
;   .. /DIR="D:\Vademecum" /TASKS="" /LOG="C:\install.log"
;   "C:\Program Files\Vademecum\unins000.exe" /VERYSILENT /SUPPRESSMSGBOXES              keeps data
;   .. /DELETEDATA                                                                    deletes this user's data too
; Exit code 0 is done. Data lies in %LOCALAPPDATA%\vademecum of each user.

#define Root "..\.."
#ifndef Version
  #error Say the version: iscc /DVersion=1.2.3 packaging\windows\vademecum.iss (make installers does)
#endif

[Setup]
; never change it: by this id an installed Vademecum is found, to be replaced or removed
AppId={{6B0B5D3E-6C0E-4F5A-9E0C-5B7E2B9A4D11}
AppName=Vademecum
AppVersion={#Version}
AppVerName=Vademecum {#Version}
AppPublisher=The Vademecum authors
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Vademecum
DefaultGroupName=Vademecum
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
UsePreviousPrivileges=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; torch needs it
MinVersion=10.0.17763
LicenseFile={#Root}\LICENSE
OutputDir={#Root}\dist
OutputBaseFilename=vademecum-{#Version}-setup
SetupIconFile={#Root}\build\icons\app.ico
UninstallDisplayIcon={app}\vademecum-window.exe
UninstallDisplayName=Vademecum
; weights hardly shrink: the quick setting is minutes instead of an hour
Compression=lzma2/fast
SolidCompression=no
LZMANumBlockThreads=2
WizardStyle=modern
ChangesAssociations=yes
; files in use are asked about, never replaced at the next start
CloseApplications=yes
RestartApplications=no
SetupLogging=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[CustomMessages]
en.DeleteData=Delete your libraries, models and conversations too?%n%n%1
de.DeleteData=Auch Ihre Bibliotheken, Modelle und Gespräche löschen?%n%n%1
en.Kind=Vademecum bundle
de.Kind=Vademecum-Paket

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked

[InstallDelete]
; an earlier version's libraries must not be found beside the new ones
Type: filesandordirs; Name: "{app}\_internal"
Type: filesandordirs; Name: "{app}\content"
Type: filesandordirs; Name: "{app}\licences"

[Files]
Source: "{#Root}\dist\vademecum\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\Vademecum"; Filename: "{app}\vademecum-window.exe"
Name: "{autodesktop}\Vademecum"; Filename: "{app}\vademecum-window.exe"; Tasks: desktopicon

[Registry]
; HKA is HKCU for one user and HKLM for all
Root: HKA; Subkey: "Software\Classes\.vademecum"; ValueType: string; ValueData: "Vademecum.Bundle"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\Vademecum.Bundle"; ValueType: string; ValueData: "{cm:Kind}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Vademecum.Bundle\DefaultIcon"; ValueType: string; ValueData: "{app}\vademecum-window.exe,0"
Root: HKA; Subkey: "Software\Classes\Vademecum.Bundle\shell\open\command"; ValueType: string; ValueData: """{app}\vademecum-window.exe"" ""%1"""

[Run]
Filename: "{app}\vademecum-window.exe"; Description: "{cm:LaunchProgram,Vademecum}"; Flags: nowait postinstall skipifsilent

[Code]
function HasParameter(const Name: String): Boolean;
var
  I: Integer;
begin
  Result := False;
  for I := 1 to ParamCount do
    if CompareText(ParamStr(I), Name) = 0 then
      Result := True;
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Data: String;
  Delete: Boolean;
begin
  if Step <> usPostUninstall then
    exit;
  Data := ExpandConstant('{localappdata}\vademecum');
  if not DirExists(Data) then
    exit;
  if UninstallSilent then
    Delete := HasParameter('/DELETEDATA')
  else
    Delete := MsgBox(FmtMessage(CustomMessage('DeleteData'), [Data]), mbConfirmation, MB_YESNO or MB_DEFBUTTON2) = IDYES;
  if Delete then
    DelTree(Data, True, True, True);
end;
